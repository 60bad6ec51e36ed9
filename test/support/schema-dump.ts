import type { Pool } from 'pg';
import type { DataSource, EntityMetadata } from 'typeorm';

/** Everything that a schema holds, one line for each thing, in an order that depends on names only. */
const DUMP = `
  SELECT format('column %s.%s #%s %s%s%s%s%s', c.relname, a.attname,
      row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), format_type(a.atttypid, a.atttypmod),
      CASE WHEN a.attnotnull THEN ' not null' END, ' default ' || pg_get_expr(d.adbin, d.adrelid),
      ' identity ' || nullif(a.attidentity::text, ''), ' collate ' || nullif(a.attcollation, t.typcollation)::regcollation) AS line
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
  WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  UNION ALL
  SELECT format('%s %s%s', CASE c.relkind WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'table' END, c.relname,
      CASE WHEN c.relkind = 'v' THEN ' ' || pg_get_viewdef(c.oid) END || array_to_string(c.reloptions, ','))
  FROM pg_class c WHERE c.relnamespace = $1::regnamespace AND c.relkind NOT IN ('i', 'I', 't', 'c')
  UNION ALL
  SELECT format('constraint %s on %s %s%s', conname, conrelid::regclass, pg_get_constraintdef(oid),
      CASE WHEN NOT convalidated THEN ' not valid' END)
  FROM pg_constraint WHERE connamespace = $1::regnamespace
  UNION ALL
  SELECT format('index %s%s', pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN ' invalid' END)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = $1::regnamespace
  UNION ALL
  SELECT format('trigger %s', pg_get_triggerdef(g.oid)) FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
  WHERE c.relnamespace = $1::regnamespace AND NOT g.tgisinternal
  UNION ALL
  SELECT format('function %s %s', p.oid::regprocedure, md5(p.prosrc)) FROM pg_proc p WHERE p.pronamespace = $1::regnamespace
  UNION ALL
  SELECT format('type %s %s', t.typname, (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder)
    FROM pg_enum e WHERE e.enumtypid = t.oid)) FROM pg_type t
  WHERE t.typnamespace = $1::regnamespace AND t.typtype IN ('e', 'd')
  UNION ALL
  SELECT format('comment on %s.%s: %s', d.objoid::regclass, d.objsubid, d.description) FROM pg_description d
    JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass WHERE c.relnamespace = $1::regnamespace
  ORDER BY 1`;

export async function dumpSchema(sql: Pool, schema: string): Promise<string[]> {
  const { rows } = await sql.query(DUMP, [schema]);
  return rows.map(({ line }) => line);
}

export async function tablesOf(sql: Pool): Promise<string[]> {
  const { rows } = await sql.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`);
  return rows.map(({ tablename }) => tablename);
}

interface Column {
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string;
}

interface Table {
  readonly columns: ReadonlyMap<string, Column>;
  /** `likes_pkey (post_id, user_id)`, the columns by name. */
  readonly primaryKey: string;
}

/**
 * What the entities say that the migrated tables do not, and the other way round: tables, columns, types, nullability,
 * defaults, primary keys. Indexes and CHECK constraints stand in the migrations alone.
 */
export async function differences(dataSource: DataSource, sql: Pool, unmapped: readonly string[]): Promise<string[]> {
  const mapped = new Map(
    dataSource.entityMetadatas.map((entity) => [entity.tableName, fromEntity(dataSource, entity)]),
  );
  const migrated = await fromDatabase(sql);
  return union(mapped, migrated).flatMap((name) => {
    if (unmapped.includes(name)) return [];
    const [entity, table] = [mapped.get(name), migrated.get(name)];
    if (!table) return [`${name}: is in the entities only`];
    if (!entity) return [`${name}: is in the migrations only`];
    const keys =
      entity.primaryKey === table.primaryKey
        ? []
        : [compared(name, 'primary key', entity.primaryKey, table.primaryKey)];
    return [
      ...keys,
      ...union(entity.columns, table.columns).flatMap((column) => columnDifferences(name, column, entity, table)),
    ];
  });
}

function columnDifferences(table: string, name: string, entity: Table, migrated: Table): string[] {
  const [ours, theirs] = [entity.columns.get(name), migrated.columns.get(name)];
  if (!theirs) return [`${table}.${name}: is in the entity only`];
  if (!ours) return [`${table}.${name}: is in the migrations only`];
  return (['type', 'nullable', 'default'] as const)
    .filter((property) => ours[property] !== theirs[property])
    .map((property) => compared(`${table}.${name}`, property, String(ours[property]), String(theirs[property])));
}

function compared(place: string, what: string, entity: string, migrations: string): string {
  return `${place}: ${what} ${entity} in the entity, ${migrations} in the migrations`;
}

function fromEntity({ driver }: DataSource, entity: EntityMetadata): Table {
  const columns = entity.columns.map((column) => {
    const type = driver.normalizeType(column);
    const precise = column.precision == null ? type : type.replace(/^timestamp/, `timestamp(${column.precision})`);
    // TypeORM writes numbers in quotes.
    const value = driver.normalizeDefault(column)?.replace(/^'(-?\d+)'$/, '$1');
    return [column.databaseName, { type: precise, nullable: column.isNullable, default: value ?? 'none' }] as const;
  });
  const [key] = entity.primaryColumns;
  const names = entity.primaryColumns.map((column) => column.databaseName).sort();
  return { columns: new Map(columns), primaryKey: `${key?.primaryKeyConstraintName} (${names.join(', ')})` };
}

async function fromDatabase(sql: Pool): Promise<Map<string, Table>> {
  const columns = await sql.query(`
    SELECT c.relname AS "table", a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
      NOT a.attnotnull AS nullable,
      COALESCE(regexp_replace(pg_get_expr(d.adbin, d.adrelid), '::text$', ''), 'none') AS default
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'`);
  const keys = await sql.query(`
    SELECT c.relname AS "table", k.conname || ' (' || (SELECT string_agg(attname, ', ' ORDER BY attname)
        FROM pg_attribute WHERE attrelid = c.oid AND attnum = ANY(k.conkey)) || ')' AS key
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.contype = 'p' AND k.connamespace = 'public'::regnamespace`);
  const keyOf = new Map<string, string>(keys.rows.map(({ table, key }) => [table, key]));
  const tables = new Map<string, { columns: Map<string, Column>; primaryKey: string }>();
  for (const { table, name, ...column } of columns.rows) {
    const known = tables.get(table) ?? { columns: new Map(), primaryKey: keyOf.get(table) ?? 'none' };
    tables.set(table, known);
    known.columns.set(name, column);
  }
  return tables;
}

function union(one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...one.keys(), ...other.keys()])].sort();
}
