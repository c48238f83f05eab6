"""Where SQL comes from: files of every dump format, folders, standard input."""
