import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { alive, ask, isAlive, type Supervised, serverApp, supervise } from '../../../support/processes/supervise.js'
import { until, within } from '../../../support/wait.js'

let supervised: Supervised

afterEach(() => supervised.close())

test('an app of the config is started, and is ready when its port accepts', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('shop', ['--after=200']))
  supervised.supervisor.begin()
  const { pid, port, restarts, detached, exit } = await supervised.reaches('shop', 'running')
  expect({ restarts, detached, exit }).toEqual({ restarts: 0, detached: false, exit: null })
  expect(await ask(port)).toMatchObject({ pid, env: { PORT: String(port), PORTICO_URL: 'https://shop.localhost' } })
  expect(supervised.states.get('shop')).toEqual(['waiting', 'starting', 'running'])
  expect(supervised.supervisor.target('shop')).toEqual({ port })
})

test('a process that is killed comes back by itself, on the same port', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('shop'))
  supervised.supervisor.begin()
  const first = await supervised.reaches('shop', 'running')
  const target = supervised.supervisor.target('shop')
  process.kill(first.pid ?? 0, 'SIGKILL')
  await supervised.reaches('shop', 'backing-off')
  expect(supervised.supervisor.target('shop')).toBeNull()
  const second = await supervised.reaches('shop', 'running')
  expect(second).toMatchObject({ restarts: 1, port: first.port, exit: { code: null, signal: 'SIGKILL' } })
  expect(second.exit?.lastLines).toEqual([`listening on ${first.port}`])
  expect(second.pid).not.toBe(first.pid)
  expect(supervised.supervisor.target('shop')).toBe(target)
})

test('what a killed process leaves behind is ended before it starts again', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('shop', ['--child']))
  supervised.supervisor.begin()
  const { pid } = await supervised.reaches('shop', 'running')
  await until(async () => (await supervised.members('shop')).length === 2, 'a child')
  const child = (await supervised.members('shop')).find((member) => member !== pid) ?? 0
  process.kill(pid ?? 0, 'SIGKILL')
  await supervised.reaches('shop', 'backing-off')
  expect((await supervised.reaches('shop', 'running')).pid).not.toBe(pid)
  expect(await isAlive(child)).toBe(false)
})

test('a process that cannot start is given up after ten crashes in a row, with what it said', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('shop', ['--print=no database', '--exit=3']))
  supervised.supervisor.begin()
  const { restarts, exit, reason, pid } = await supervised.reaches('shop', 'failed', 30_000)
  expect({ restarts, code: exit?.code, signal: exit?.signal, lastLines: exit?.lastLines, pid }).toEqual({
    ...{ restarts: 9, code: 3, signal: null, lastLines: ['no database'], pid: null },
  })
  expect(reason).toBe('It exited with code 3 before it was ready. It is not started again: that was 10 times in a row.')
})

test('a restart by hand begins to count anew', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('shop', ['--exit=3']))
  supervised.supervisor.begin()
  await supervised.reaches('shop', 'failed', 30_000)
  await expect(supervised.supervisor.restart('shop')).rejects.toMatchObject({ code: 'process-failed' })
  expect(supervised.status('shop').restarts).toBeLessThan(9)
})

test('one that has been ready for a while has not crashed in a row', async () => {
  supervised = await supervise({ stableMs: 50 })
  supervised.apply(serverApp('shop', ['--exit=1', '--exit-after=300']))
  supervised.supervisor.begin()
  await until(() => supervised.status('shop').restarts > 10, 'more than ten restarts', 30_000)
})

test('who starts an app by hand is told when it is ready, or of its first crash with the last lines', async () => {
  supervised = await supervise({ backOffMs: () => 10_000 })
  supervised.apply(
    serverApp('shop', [], { start: 'manual' }),
    serverApp('broken', ['--print=no database', '--exit=3'], { start: 'manual' }),
  )
  supervised.supervisor.begin()
  expect(supervised.status('shop').state).toBe('stopped')
  expect(await supervised.supervisor.start('shop')).toMatchObject({ state: 'running' })
  await expect(supervised.supervisor.start('broken')).rejects.toMatchObject({
    code: 'process-failed',
    message: 'The process of broken has crashed. It exited with code 3 before it was ready.',
    hint: expect.stringMatching(/^no database\nIt is started again at /),
  })
})

test('one that is not ready in time is ended, and told why', async () => {
  supervised = await supervise({ backOffMs: () => 10_000 })
  supervised.apply(serverApp('shop', ['--after=60000', '--print=compiling'], { startTimeout: '2s' }))
  supervised.supervisor.begin()
  const { reason, exit, pid } = await supervised.reaches('shop', 'backing-off')
  expect(reason).toMatch(/^It was not ready within 2 s: nothing accepts connections on port \d+\.$/)
  expect({ pid, signal: exit?.signal, lastLines: exit?.lastLines }).toEqual({
    ...{ pid: null, signal: 'SIGTERM', lastLines: ['compiling'] },
  })
})

test('stop ends the whole group, also those who do not want to', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('shop', ['--child', '--ignore-term'], { stopTimeout: '300ms' }))
  supervised.supervisor.begin()
  await supervised.reaches('shop', 'running')
  await until(async () => (await supervised.members('shop')).length === 2, 'a child')
  const members = await supervised.members('shop')
  expect(await supervised.supervisor.stop('shop')).toMatchObject({ state: 'stopped', pid: null })
  expect(await alive(members)).toEqual([])
  await until(async () => (await supervised.ledger()).entries.length === 0, 'an empty ledger')
})

test('stop uses the signal of the config', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('shop', ['--ignore-term'], { stopSignal: 'SIGINT' }))
  supervised.supervisor.begin()
  await supervised.reaches('shop', 'running')
  expect((await supervised.supervisor.stop('shop')).exit).toMatchObject({ signal: 'SIGINT' })
})

test('what a person has stopped stays so when the config changes and when requests come', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('shop', [], { start: 'request' }))
  supervised.supervisor.begin()
  await supervised.supervisor.start('shop')
  await supervised.supervisor.stop('shop')
  supervised.apply(serverApp('shop', ['--print=other'], { start: 'request' }))
  await expect(supervised.supervisor.ready('shop', AbortSignal.timeout(5_000))).rejects.toMatchObject({
    message: 'The process of shop is not running. It was stopped by hand.',
  })
  expect(supervised.states.get('shop')?.at(-1)).toBe('stopped')
})

test('a change of the config restarts those whose settings changed and no other', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('shop'), serverApp('api'))
  supervised.supervisor.begin()
  const [shop, api] = [await supervised.reaches('shop', 'running'), await supervised.reaches('api', 'running')]
  supervised.apply(serverApp('shop', [], { env: { COLOUR: 'red' } }), serverApp('api'), serverApp('new'))
  await until(() => ![shop.pid, null].includes(supervised.status('shop').pid), 'another process')
  const changed = await supervised.reaches('shop', 'running')
  expect((await ask(changed.port)).env.COLOUR).toBe('red')
  expect(changed.restarts).toBe(0)
  expect((await supervised.reaches('new', 'running')).pid).not.toBeNull()
  expect(supervised.status('api')).toEqual(api)
})

test('apps that are removed or disabled are stopped, and started when they are back', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('shop'), serverApp('api'))
  supervised.supervisor.begin()
  const [shop, api] = [await supervised.reaches('shop', 'running'), await supervised.reaches('api', 'running')]
  supervised.apply({ ...serverApp('shop'), enabled: false })
  expect(supervised.supervisor.status('api')).toBeNull()
  await supervised.reaches('shop', 'stopped')
  await until(async () => (await alive([api.pid, shop.pid])).length === 0, 'both ended')
  await expect(supervised.supervisor.start('shop')).rejects.toMatchObject({ code: 'conflict' })
  supervised.apply(serverApp('shop'), serverApp('api'))
  await supervised.reaches('shop', 'running')
  await supervised.reaches('api', 'running')
})

test('an app that is removed and back at once is not started before it has ended', async () => {
  supervised = await supervise()
  const [app] = [serverApp('shop', [], { port: await freePort() })]
  supervised.apply(app)
  supervised.supervisor.begin()
  const { pid } = await supervised.reaches('shop', 'running')
  supervised.apply()
  supervised.apply(app)
  expect((await supervised.reaches('shop', 'running')).pid).not.toBe(pid)
})

test('a port that somebody has is told with who it is', async () => {
  supervised = await supervise()
  const squatter = http.createServer().listen(0, '127.0.0.1')
  await once(squatter, 'listening')
  const { port } = squatter.address() as AddressInfo
  supervised.apply(serverApp('shop', [], { port }))
  supervised.supervisor.begin()
  const { reason } = await supervised.reaches('shop', 'failed')
  squatter.close()
  expect(reason).toContain(`It was not started: port ${port} is already taken by PID ${process.pid} (`)
})

test('a process that complains of a taken port is not started again and again', async () => {
  supervised = await supervise()
  const squatter = http.createServer().listen(0, '127.0.0.1')
  await once(squatter, 'listening')
  const { port } = squatter.address() as AddressInfo
  const script = `require('http').createServer().listen(${port}, '127.0.0.1')`
  supervised.apply({ name: 'shop', process: { command: [process.execPath, '-e', script] } })
  supervised.supervisor.begin()
  const { reason, restarts } = await supervised.reaches('shop', 'failed')
  squatter.close()
  expect(reason).toContain(`before it was ready: port ${port} is already taken by PID ${process.pid} (`)
  expect(restarts).toBe(0)
})

test('a program that is not there is told, and not tried again', async () => {
  supervised = await supervise()
  supervised.apply({ name: 'shop', process: { command: ['no-such-program'] } })
  supervised.supervisor.begin()
  expect((await supervised.reaches('shop', 'failed')).reason).toBe('The program "no-such-program" was not found.')
})

test('the first of many requests starts the process once, and all are answered', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('shop', ['--after=200'], { start: 'request' }))
  supervised.supervisor.begin()
  expect(supervised.status('shop')).toMatchObject({ state: 'stopped', reason: 'The first request starts it.' })
  const signal = AbortSignal.timeout(10_000)
  const targets = await Promise.all(Array.from({ length: 100 }, () => supervised.supervisor.ready('shop', signal)))
  expect(new Set(targets).size).toBe(1)
  expect(supervised.states.get('shop')).toEqual(['waiting', 'starting', 'running'])
})

test('a request that gives up does not keep the process from starting', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('shop', ['--after=300'], { start: 'request' }))
  supervised.supervisor.begin()
  await expect(supervised.supervisor.ready('shop', AbortSignal.timeout(20))).rejects.toMatchObject({
    name: 'TimeoutError',
  })
  await supervised.reaches('shop', 'running')
})

test('requests wait while a process that was ready comes back, and not for one that cannot start', async () => {
  supervised = await supervise({ backOffMs: () => 300 })
  supervised.apply(serverApp('shop'), serverApp('broken', ['--exit=1']))
  supervised.supervisor.begin()
  const { pid, port } = await supervised.reaches('shop', 'running')
  process.kill(pid ?? 0, 'SIGKILL')
  await supervised.reaches('shop', 'backing-off')
  const ready = supervised.supervisor.ready('shop', AbortSignal.timeout(10_000))
  await expect(ready).resolves.toEqual({ port })
  await supervised.reaches('broken', 'backing-off')
  await expect(supervised.supervisor.ready('broken', AbortSignal.timeout(10_000))).rejects.toMatchObject({
    code: 'process-failed',
  })
})

test('an app that nobody uses is stopped, and the next request starts it again', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('shop', [], { idleStop: '200ms' }))
  supervised.supervisor.begin()
  await supervised.reaches('shop', 'running')
  supervised.supervisor.enter('shop')
  await expect(supervised.reaches('shop', 'stopping', 600)).rejects.toThrow('did not come true')
  supervised.supervisor.leave('shop')
  expect((await supervised.reaches('shop', 'stopped')).reason).toBe('Nobody used it; the next request starts it again.')
  await supervised.supervisor.ready('shop', AbortSignal.timeout(10_000))
  expect(supervised.status('shop').state).toBe('running')
})

test('an app starts after those it depends on are ready, and they stay when it is stopped', async () => {
  supervised = await supervise()
  supervised.apply(
    serverApp('web', [], { dependsOn: ['api', 'unheard-of'] }),
    serverApp('api', ['--after=200'], { dependsOn: ['db'], start: 'manual' }),
    serverApp('db', ['--after=200'], { start: 'manual' }),
  )
  supervised.supervisor.begin()
  await until(() => supervised.status('web').waitingFor === 'api', 'web waiting for api')
  await supervised.reaches('web', 'running')
  const [web, api, db] = ['web', 'api', 'db'].map((app) => Date.parse(supervised.status(app).startedAt ?? ''))
  expect(db).toBeLessThan(api ?? 0)
  expect(api).toBeLessThan(web ?? 0)
  const notes = supervised.supervisor.lines('web', {}).map(({ text }) => text)
  expect(notes).toContain('no app is called "unheard-of": not waited for')
  await supervised.supervisor.stop('web')
  expect(supervised.status('api').state).toBe('running')
})

test('an app whose dependency has failed is not started, and says which', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('web', [], { dependsOn: ['db'] }), {
    name: 'db',
    process: { command: ['no-such-program'] },
  })
  supervised.supervisor.begin()
  expect((await supervised.reaches('web', 'failed')).reason).toBe(
    'It was not started: db, which it depends on, has failed. The program "no-such-program" was not found.',
  )
})

test('an app without a process is waited for until its port answers', async () => {
  supervised = await supervise()
  const port = await freePort()
  supervised.apply({ name: 'db', port }, serverApp('web', [], { dependsOn: ['db'] }))
  supervised.supervisor.begin()
  await until(() => supervised.status('web').waitingFor === 'db', 'web waiting for db')
  const db = http.createServer().listen(port, '127.0.0.1')
  await once(db, 'listening')
  await supervised.reaches('web', 'running')
  db.close()
})

test('a process that goes into the background goes on as detached, until that ends', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('shop', ['--daemon']))
  supervised.supervisor.begin()
  await until(() => supervised.status('shop').detached, 'detached')
  const { pid, port } = await supervised.reaches('shop', 'running')
  expect((await ask(port)).pid).toBe(pid)
  process.kill(pid ?? 0, 'SIGKILL')
  await until(() => supervised.status('shop').restarts === 1, 'a restart', 15_000)
})

test('one that leaves its group as well is found by its port, and ended with the app', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('shop', ['--daemon', '--new-session', '--exit-after=500']))
  supervised.supervisor.begin()
  await until(() => supervised.status('shop').detached, 'detached', 10_000)
  const { pid, port } = await supervised.reaches('shop', 'running')
  expect((await ask(port)).pid).toBe(pid)
  await until(async () => (await supervised.ledger()).entries.length === 2, 'both groups in the ledger')
  await supervised.supervisor.stop('shop')
  expect(await isAlive(pid)).toBe(false)
})

test('one that leaves its group before its port is open is found as well', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('shop', ['--daemon', '--new-session', '--after=700']))
  supervised.supervisor.begin()
  await until(() => supervised.status('shop').detached, 'detached', 10_000)
  const { pid, restarts } = await supervised.reaches('shop', 'running')
  expect(restarts).toBe(0)
  await supervised.supervisor.stop('shop')
  expect(await isAlive(pid)).toBe(false)
})

test('processes are ended after those that depend on them', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('web', [], { dependsOn: ['db'] }), serverApp('db'))
  supervised.supervisor.begin()
  const [web, db] = [await supervised.reaches('web', 'running'), await supervised.reaches('db', 'running')]
  await supervised.supervisor.close(5_000)
  const ended = (app: string) => Date.parse(supervised.status(app).exit?.at ?? '')
  expect(ended('web')).toBeLessThanOrEqual(ended('db'))
  expect(await alive([web.pid, db.pid])).toEqual([])
})

test('the end does not take longer than it may, and leaves nobody', async () => {
  supervised = await supervise()
  supervised.apply(serverApp('shop', ['--ignore-term', '--child']), serverApp('api'))
  supervised.supervisor.begin()
  await supervised.reaches('shop', 'running')
  await supervised.reaches('api', 'running')
  const members = [...(await supervised.members('shop')), ...(await supervised.members('api'))]
  await within(supervised.supervisor.close(300), 'the end', 3_000)
  expect(await alive(members)).toEqual([])
})

test('a change of a file that is watched restarts the process, also one that has failed', async () => {
  supervised = await supervise()
  const source = path.join(supervised.dir, 'server.py')
  await writeFile(source, '1')
  supervised.apply(serverApp('shop', [], { watch: ['*.py'] }), {
    name: 'broken',
    process: { command: ['no-such-program'], watch: ['*.py'] },
  })
  supervised.supervisor.begin()
  const { pid } = await supervised.reaches('shop', 'running')
  await supervised.reaches('broken', 'failed')
  let text = 1
  await until(async () => {
    await writeFile(source, String(++text))
    return ![pid, null].includes(supervised.status('shop').pid)
  }, 'a restart')
  expect(await supervised.reaches('shop', 'running')).toMatchObject({ restarts: 0 })
  const notes = (app: string) => supervised.supervisor.lines(app, {}).map(({ text: line }) => line)
  expect(notes('shop')).toContain('changed: server.py')
  await until(() => notes('broken').filter((line) => line.includes('was not found')).length > 1, 'another try')
})

async function freePort(): Promise<number> {
  const server = http.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
