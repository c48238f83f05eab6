"""What the application takes over, as code for this schema."""

from dsql_compat.guide.application.build import application_parts
from dsql_compat.guide.application.model import Part

__all__ = ["Part", "application_parts"]
