// duckdb.cjs FILES -- the states of journals by DuckDB's read_json, a line each as evreplay prints
// them; then the query's seconds.
const { DuckDBInstance } = require('@duckdb/node-api');

const pieces = kind => `coalesce(sum(data.quantity) filter (type = 'stock.${kind}'), 0)::bigint`;
const query = file => `
    select product, "sequence", added + returned - removed - sold available, added, removed, sold, returned, refused, "time"
    from (select subject product, max(sequence)::bigint "sequence",
                 ${['added', 'removed', 'sold', 'returned'].map(kind => `${pieces(kind)} ${kind}`)},
                 count(*) filter (type = 'purchase.refused') refused, max(time) "time"
          from read_json('${file}', format = 'newline_delimited',
              columns = {type: 'varchar', subject: 'varchar', time: 'varchar', sequence: 'varchar',
                         data: 'struct(quantity bigint)'})
          group by subject)
    order by product`;

(async () => {
    const connection = await (await DuckDBInstance.create()).connect();
    const start = process.hrtime.bigint();
    const reader = await connection.runAndReadAll(query(process.argv[2]));
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    for (const row of reader.getRowObjects())
        console.log(JSON.stringify(row, (_, value) => typeof value === 'bigint' ? Number(value) : value));
    console.log(seconds);
})();
