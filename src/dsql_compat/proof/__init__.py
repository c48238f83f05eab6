"""Proves a rewrite: source and result on a scratch PostgreSQL, their catalogs compared.

server ──> load ──> catalogs ──> compare (behaviour by probing) ──> declared ──> report
"""
