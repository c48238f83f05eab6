// Prints the SQL with which pg-boss builds its schema. The package's entry module needs its
// dependencies; the two modules used here need nothing but node.
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const root = process.env.PACKAGE_DIR
const { create } = await import(pathToFileURL(`${root}/dist/plans.js`).href)
const { pgboss } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
console.log(create('pgboss', pgboss.schema, { createSchema: true }))
