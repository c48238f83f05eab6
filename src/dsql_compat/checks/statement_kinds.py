"""Every class of statement PostgreSQL's grammar has: accepted by DSQL, or judged by which rules.

A class in neither list is reported under `unsupported-statement`, so a grammar that grows cannot
slip a statement past the checks; a test holds the lists against the grammar.
"""

from __future__ import annotations

from pglast import ast

# What DSQL takes as a whole.  Single forms may still be refused, by the rules of their family.
ACCEPTED_STATEMENTS: frozenset[type] = frozenset(
    {
        *(ast.SelectStmt, ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt, ast.ExplainStmt),
        *(ast.CreateStmt, ast.AlterTableStmt, ast.IndexStmt, ast.ViewStmt, ast.CreateSchemaStmt),
        *(ast.CreateSeqStmt, ast.AlterSeqStmt, ast.CreateDomainStmt, ast.AlterDomainStmt),
        *(ast.CreateFunctionStmt, ast.AlterFunctionStmt, ast.CallStmt, ast.CreateRoleStmt),
        *(ast.DropRoleStmt, ast.GrantStmt, ast.GrantRoleStmt, ast.AlterDefaultPrivilegesStmt),
        *(ast.DropStmt, ast.RenameStmt, ast.CommentStmt, ast.AlterOwnerStmt, ast.CopyStmt),
        *(ast.AlterObjectSchemaStmt, ast.TransactionStmt, ast.ConstraintsSetStmt),
        *(ast.VariableSetStmt, ast.VariableShowStmt, ast.VacuumStmt, ast.DeallocateStmt),
        *(ast.CreateStatsStmt, ast.AlterStatsStmt),
    }
)

# What DSQL refuses, and the rules that say so.
REFUSED_STATEMENTS: dict[type, tuple[str, ...]] = {
    ast.AlterCollationStmt: ("collation",),
    ast.AlterDatabaseRefreshCollStmt: ("multiple-databases",),
    ast.AlterDatabaseSetStmt: ("multiple-databases",),
    ast.AlterDatabaseStmt: ("multiple-databases",),
    ast.AlterEnumStmt: ("alter-type",),
    ast.AlterEventTrigStmt: ("event-trigger",),
    ast.AlterExtensionStmt: ("missing-object",),
    ast.AlterFdwStmt: ("foreign-server",),
    ast.AlterForeignServerStmt: ("foreign-server",),
    ast.AlterObjectDependsStmt: ("missing-object",),
    ast.AlterOpFamilyStmt: ("operator-class-definition",),
    ast.AlterOperatorStmt: ("operator",),
    ast.AlterPolicyStmt: ("policy",),
    ast.AlterPublicationStmt: ("publication",),
    ast.AlterRoleSetStmt: ("role-setting",),
    ast.AlterRoleStmt: ("alter-role",),
    ast.AlterSubscriptionStmt: ("subscription",),
    ast.AlterSystemStmt: ("alter-system",),
    ast.AlterTSConfigurationStmt: ("text-search-object",),
    ast.AlterTSDictionaryStmt: ("text-search-object",),
    ast.AlterTableMoveAllStmt: ("tablespace",),
    ast.AlterTableSpaceOptionsStmt: ("tablespace",),
    ast.AlterTypeStmt: ("alter-type",),
    ast.AlterUserMappingStmt: ("foreign-server",),
    ast.CheckPointStmt: ("checkpoint",),
    ast.ClosePortalStmt: ("cursor",),
    ast.ClusterStmt: ("cluster",),
    ast.CompositeTypeStmt: ("composite-type",),
    ast.CreateAmStmt: ("access-method",),
    ast.CreateCastStmt: ("cast",),
    ast.CreateConversionStmt: ("conversion",),
    ast.CreateEnumStmt: ("enum-type",),
    ast.CreateEventTrigStmt: ("event-trigger",),
    ast.CreateExtensionStmt: ("extension",),
    ast.CreateFdwStmt: ("foreign-server",),
    ast.CreateForeignServerStmt: ("foreign-server",),
    ast.CreateForeignTableStmt: ("foreign-table",),
    ast.CreateOpClassStmt: ("operator-class-definition",),
    ast.CreateOpFamilyStmt: ("operator-class-definition",),
    ast.CreatePLangStmt: ("language",),
    ast.CreatePolicyStmt: ("policy",),
    ast.CreatePublicationStmt: ("publication",),
    ast.CreateRangeStmt: ("range-type",),
    ast.CreateSubscriptionStmt: ("subscription",),
    ast.CreateTableAsStmt: ("create-table-as", "materialized-view"),
    ast.CreateTableSpaceStmt: ("tablespace",),
    ast.CreateTransformStmt: ("transform",),
    ast.CreateTrigStmt: ("trigger",),
    ast.CreateUserMappingStmt: ("foreign-server",),
    ast.CreatedbStmt: ("multiple-databases",),
    ast.DeclareCursorStmt: ("cursor",),
    ast.DefineStmt: (
        *("aggregate", "operator", "base-type", "collation"),
        "text-search-object",
    ),
    ast.DiscardStmt: ("discard",),
    ast.DoStmt: ("do-block",),
    ast.DropOwnedStmt: ("reassign-owned",),
    ast.DropSubscriptionStmt: ("subscription",),
    ast.DropTableSpaceStmt: ("tablespace",),
    ast.DropUserMappingStmt: ("foreign-server",),
    ast.DropdbStmt: ("multiple-databases",),
    ast.ExecuteStmt: ("prepare",),
    ast.FetchStmt: ("cursor",),
    ast.ImportForeignSchemaStmt: ("foreign-server",),
    ast.ListenStmt: ("listen-notify",),
    ast.LoadStmt: ("load",),
    ast.LockStmt: ("lock-table",),
    ast.MergeStmt: ("merge",),
    ast.NotifyStmt: ("listen-notify",),
    ast.PrepareStmt: ("prepare",),
    ast.ReassignOwnedStmt: ("reassign-owned",),
    ast.RefreshMatViewStmt: ("refresh-materialized-view",),
    ast.ReindexStmt: ("reindex",),
    ast.RuleStmt: ("rule",),
    ast.SecLabelStmt: ("security-label",),
    ast.TruncateStmt: ("truncate",),
    ast.UnlistenStmt: ("listen-notify",),
}

# Parts of other statements, which never stand alone in a source.
PARTS: frozenset[type] = frozenset(
    {ast.RawStmt, ast.PLAssignStmt, ast.ReturnStmt, ast.SetOperationStmt, ast.ReplicaIdentityStmt}
)
