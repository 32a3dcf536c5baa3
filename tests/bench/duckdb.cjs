// duckdb.cjs FILE -- sum a journal by DuckDB's read_json: prints the sums and the query's seconds.
const { DuckDBInstance } = require('@duckdb/node-api');

const sums = ['added', 'removed', 'sold', 'returned']
    .map(kind => `coalesce(sum(data.quantity) filter (type = 'stock.${kind}'), 0)::bigint ${kind}`)
    .concat("count(*) filter (type = 'purchase.refused') refused");

(async () => {
    const connection = await (await DuckDBInstance.create()).connect();
    const start = process.hrtime.bigint();
    const reader = await connection.runAndReadAll(
        `select ${sums} from read_json('${process.argv[2]}', format = 'newline_delimited',
             columns = {type: 'varchar', data: 'struct(quantity bigint)'})`);
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const [row] = reader.getRowObjects();
    for (const name in row) row[name] = Number(row[name]);
    console.log(JSON.stringify({ seconds, sums: row }));
})();
