"""Everything delicate about SQL text: splitting, masking, parsing, walking, counting characters."""
