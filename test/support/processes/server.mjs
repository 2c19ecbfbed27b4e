/**
 * An app of the tests: answers on PORT. What it does besides is said by its arguments:
 *   --after=MS       listens only so much later
 *   --exit=CODE      ends with this code: at once, or --exit-after=MS after it listens
 *   --ignore-term    is not ended by SIGTERM
 *   --child          has a child that is not ended by SIGTERM either
 *   --daemon         starts itself as a child that goes on, and ends, --exit-after=MS later;
 *                    --new-session: in a group of its own
 *   --print=TEXT
 */
import { spawn } from 'node:child_process'
import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

const options = new Map(process.argv.slice(2).map((text) => text.replace(/^--/, '').split('=')))
const number = (name) => Number(options.get(name) ?? 0)

if (options.has('print')) console.log(options.get('print'))
if (options.has('ignore-term')) process.on('SIGTERM', () => console.log('not yet'))
if (options.has('child')) {
  spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e6)'], { stdio: 'inherit' })
}
if (options.has('exit') && !options.has('exit-after')) process.exit(number('exit'))
if (options.has('daemon')) {
  const rest = process.argv.slice(1).filter((text) => !/^--(daemon|exit-after)/.test(text))
  const child = spawn(process.execPath, rest, { stdio: 'ignore', detached: options.has('new-session') })
  child.unref()
  if (number('exit-after') > 0) await delay(number('exit-after'))
  process.exit(0)
}
await delay(number('after'))
const server = http.createServer((request, response) => {
  if (request.url === '/crash') process.kill(process.pid, 'SIGKILL')
  response.end(JSON.stringify({ pid: process.pid, url: request.url, env: process.env }))
})
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log(`listening on ${process.env.PORT}`))
if (options.has('exit-after')) {
  await delay(number('exit-after'))
  process.exit(number('exit'))
}
