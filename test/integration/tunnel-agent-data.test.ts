import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startPostgres } from '../support/postgres.js'
import { startRedis } from '../support/redis.js'
import { greetingOf, startSsh } from '../support/ssh.js'
import { requirement } from '../support/tools.js'
import { BLOCK, MIB, startTransferService } from '../support/transfer-service.js'
import { TunnelProcesses } from '../support/tunnel-processes.js'
import { within } from '../support/wait.js'

/** Relay, agent and service are processes of their own. */
let tunnel: TunnelProcesses

beforeAll(async () => {
  tunnel = await TunnelProcesses.start()
  await tunnel.connectedAgent('--allow', '127.0.0.0/8')
})

afterAll(() => tunnel.close())

test('200 MiB to a user and 64 MiB from one arrive whole, in separate processes', async () => {
  const service = await startTransferService(200)
  onTestFinished(() => service.close())
  const port = await tunnel.addProxy(service.port)
  const user = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const [down, up] = [createHash('sha256'), createHash('sha256')]
  let left = 200 * MIB
  const tail: Buffer[] = []
  user.on('data', (chunk: Buffer) => {
    const body = chunk.subarray(0, left)
    left -= body.length
    down.update(body)
    if (body.length < chunk.length) tail.push(chunk.subarray(body.length))
  })
  const ended = once(user, 'end')
  for (let sent = 0; sent < 64; sent += 1) {
    up.update(BLOCK)
    if (!user.write(BLOCK)) await once(user, 'drain')
  }
  user.end()
  await within(ended, 'the end of the transfer', 25_000)
  expect(left).toBe(0)
  const expected = createHash('sha256')
  for (let block = 0; block < 200; block += 1) expected.update(BLOCK)
  expect(down.digest('hex')).toBe(expected.digest('hex'))
  expect(Buffer.concat(tail).toString('hex')).toBe(up.digest('hex'))
})

test.runIf(requirement('redis-server'))('Redis through the tunnel', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.close())
  const client = new Redis({ port: await tunnel.addProxy(redis.port), host: '127.0.0.1', lazyConnect: true })
  onTestFinished(() => client.disconnect())
  client.on('error', () => {})
  await client.connect()
  const large = randomBytes(8 * MIB)
  await client.set('large', large)
  expect((await client.getBuffer('large'))?.equals(large)).toBe(true)
  const pipeline = client.pipeline()
  for (let at = 0; at < 5_000; at += 1) pipeline.incr('count')
  await pipeline.exec()
  expect(await client.get('count')).toBe('5000')
})

const POSTGRES = ['postgres', 'initdb', 'psql'].every(requirement)

test.runIf(POSTGRES)('PostgreSQL through the tunnel: a session of psql, and data both ways', async () => {
  const postgres = await startPostgres()
  onTestFinished(() => postgres.close())
  const port = await tunnel.addProxy(postgres.port)
  const statements = [
    'create table t as select n, md5(n::text) as h from generate_series(1, 100000) n',
    'copy t to stdout',
    'select count(*), sum(n) from t',
  ]
  const words = ['-h', '127.0.0.1', '-p', String(port), '-U', 'test', '-At', 'postgres']
  const run = promisify(execFile)
  const all = statements.flatMap((statement) => ['-c', statement])
  const { stdout } = await run('psql', [...words, ...all], { maxBuffer: 64 * MIB, timeout: 20_000 })
  const lines = stdout.trimEnd().split('\n')
  expect(lines).toHaveLength(100_002)
  expect(lines[100_000]).toBe(`100000\t${createHash('md5').update('100000').digest('hex')}`)
  expect(lines.at(-1)).toBe('100000|5000050000')
})

const SSH = ['sshd', 'ssh', 'ssh-keygen'].every(requirement)

test.runIf(SSH)('SSH through the tunnel: its greeting, a command, and much of its output', async () => {
  const ssh = await startSsh()
  onTestFinished(() => ssh.close())
  const port = await tunnel.addProxy(ssh.port)
  expect(await within(greetingOf(port), 'the greeting')).toMatch(/^SSH-2\.0-\S+/)
  expect(await ssh.run(port, 'echo "hello from $((6 * 7))"')).toBe('hello from 42\n')
  const output = await ssh.run(port, 'seq 1 50000')
  expect(output.trimEnd().split('\n')).toEqual(Array.from({ length: 50_000 }, (_, at) => String(at + 1)))
})
