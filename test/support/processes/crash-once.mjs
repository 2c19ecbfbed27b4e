/**
 * An app of the tests: answers on PORT with its process id and the request's body. A request for /once kills it without
 * a word, the first time: MARKER names the file by which the next run knows.
 */
import { existsSync, writeFileSync } from 'node:fs'
import http from 'node:http'

const marker = process.env.MARKER
const server = http.createServer((request, response) => {
  if (request.url === '/once' && !existsSync(marker)) {
    writeFileSync(marker, '')
    process.kill(process.pid, 'SIGKILL')
  }
  response.write(`${process.pid} `)
  request.pipe(response)
})
server.listen(Number(process.env.PORT), '127.0.0.1')
