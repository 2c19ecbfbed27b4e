/** An app of the tests that cannot do without what is not there. */
console.log('connecting to the database')
console.error('Error: connect ECONNREFUSED 127.0.0.1:5432')
process.exit(1)
