import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ControlClient } from '../../../../src/main/engine/control/control-client.js'
import { ControlSocket } from '../../../../src/main/engine/control/control-socket.js'
import { isAnswering } from '../../../../src/main/engine/control/probe.js'
import { readLines } from '../../../../src/main/engine/control/protocol.js'
import { currentPlatform } from '../../../../src/main/platform/platform.js'
import { Fault } from '../../../../src/shared/fault.js'
import { entry, RecordingPortal } from './recording-portal.js'

const platform = currentPlatform()
const log = pino({ level: 'silent' })
let base = ''
let dataDir = ''
const ends: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'portico-control-'))
  dataDir = path.join(base, 'data')
})

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  await rm(base, { recursive: true, force: true })
})

async function open(portal: RecordingPortal): Promise<ControlSocket> {
  const control = await ControlSocket.open({ dataDir, platform, portal, log })
  ends.push(() => control.close())
  return control
}

async function connect(onMissed?: (name: string, count: number) => void): Promise<ControlClient> {
  const client = await ControlClient.connect({ dataDir, platform, ...(onMissed ? { onMissed } : {}) })
  ends.push(() => client.close())
  return client
}

async function dial(control: ControlSocket): Promise<net.Socket> {
  const socket = net.connect(control.path)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  ends.push(async () => socket.destroy())
  return socket
}

async function firstLine(socket: net.Socket): Promise<Record<string, unknown>> {
  for await (const line of readLines(socket)) return JSON.parse(line)
  throw new Error('hung up without a word')
}

describe('the door', () => {
  test('is closed to other users: a socket of mode 0600 in a directory of mode 0700', async () => {
    await mkdir(dataDir, { mode: 0o755 })
    await chmod(dataDir, 0o755)
    const umask = process.umask()
    const control = await open(new RecordingPortal())
    expect(control.path).toBe(path.join(dataDir, 'control.sock'))
    const [socket, directory] = await Promise.all([stat(control.path), stat(dataDir)])
    expect(socket.isSocket()).toBe(true)
    expect((socket.mode & 0o777).toString(8)).toBe('600')
    expect((directory.mode & 0o777).toString(8)).toBe('700')
    expect(process.umask()).toBe(umask)
  })

  test('a directory that serves everybody is refused and left as it is', async () => {
    await mkdir(dataDir)
    await chmod(dataDir, 0o1777)
    await expect(open(new RecordingPortal())).rejects.toMatchObject({ code: 'usage' })
    expect(((await stat(dataDir)).mode & 0o7777).toString(8)).toBe('1777')
  })

  test('a socket that a killed engine left behind is replaced, a file that is none is not', async () => {
    const first = await open(new RecordingPortal())
    await ends.pop()!()
    const left = net.createServer().listen(first.path)
    await once(left, 'listening')
    // What kill -9 leaves: the file, and nobody behind it. A server that is closed would remove it.
    ;(left as unknown as { _handle: { close(): void } })._handle.close()
    const { path: second } = await open(new RecordingPortal())
    expect(await isAnswering(dataDir, platform)).toBe(true)
    await ends.pop()!()
    await writeFile(second, 'precious')
    await expect(open(new RecordingPortal())).rejects.toMatchObject({ code: 'listen-failed' })
  })

  test('works for a data directory whose path is too long for a unix address', async () => {
    dataDir = path.join(base, 'x'.repeat(120))
    const control = await open(new RecordingPortal(() => []))
    ends.unshift(() => rm(path.dirname(control.path), { recursive: true, force: true }))
    expect(Buffer.byteLength(control.path)).toBeLessThan(104)
    expect(((await stat(path.dirname(control.path))).mode & 0o777).toString(8)).toBe('700')
    expect(await (await connect()).call('app.list', {})).toEqual([])
    await chmod(path.dirname(control.path), 0o755)
    await expect(connect()).rejects.toMatchObject({ code: 'not-running' })
  })

  test('is found through a link to the data directory', async () => {
    await open(new RecordingPortal(() => []))
    await symlink(dataDir, path.join(base, 'link'))
    dataDir = path.join(base, 'link')
    expect(await (await connect()).call('app.list', {})).toEqual([])
  })

  test('is gone after close', async () => {
    const control = await open(new RecordingPortal())
    const client = await connect()
    await ends.shift()!()
    await client.closed
    await expect(stat(control.path)).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(client.call('status', {})).rejects.toMatchObject({ code: 'not-running' })
    await expect(connect()).rejects.toMatchObject({
      code: 'not-running',
      message: 'Portico is not running with this data directory.',
      hint: 'Start it with: portico serve',
    })
  })
})

describe('commands', () => {
  test('reach the portal and their answers come back, in order', async () => {
    const portal = new RecordingPortal((name, params) =>
      name === 'exchanges.list' ? [entry({ id: String((params as { limit: number }).limit) })] : [],
    )
    await open(portal)
    const client = await connect()
    const answers = await Promise.all([1, 2, 3].map((limit) => client.call('exchanges.list', { limit })))
    expect(answers.map(([first]) => first?.id)).toEqual(['1', '2', '3'])
    expect(portal.calls.map(({ params }) => params)).toEqual([{ limit: 1 }, { limit: 2 }, { limit: 3 }])
  })

  test('that are refused come back as the fault they were refused with', async () => {
    await open(
      new RecordingPortal(() => {
        throw new Fault('conflict', 'There is an app "shop" already.', 'Choose another name.')
      }),
    )
    const refusal = (await connect()).call('app.add', { app: { name: 'shop', port: 3000 } })
    await expect(refusal).rejects.toBeInstanceOf(Fault)
    await expect(refusal).rejects.toMatchObject({ code: 'conflict', hint: 'Choose another name.' })
  })

  test('that fail unexpectedly tell their message and never a stack', async () => {
    const control = await open(
      new RecordingPortal(() => {
        throw new TypeError('kaput')
      }),
    )
    const socket = await dial(control)
    socket.write('{"id":1,"name":"status"}\n')
    const answer = await firstLine(socket)
    expect(answer).toMatchObject({ id: 1, fault: { code: 'internal', message: 'kaput' } })
    expect(JSON.stringify(answer)).not.toContain('at ')
  })

  test('with unknown names or wrong parameters never reach the portal', async () => {
    const portal = new RecordingPortal()
    const control = await open(portal)
    for (const request of [
      { id: 1, name: '__proto__' },
      { id: 1, name: 'app.remove', params: {} },
      { id: 1, name: 'app.remove', params: { name: 'a', force: true } },
      { id: 1, name: 'app.add', params: { app: { name: 'A b', port: 1 } } },
    ]) {
      const socket = await dial(control)
      socket.write(`${JSON.stringify(request)}\n`)
      expect(await firstLine(socket)).toMatchObject({ id: 1, fault: { code: 'bad-request' } })
    }
    expect(portal.calls).toEqual([])
  })

  test('whose answer does not fit the contract are refused by the client', async () => {
    await open(new RecordingPortal(() => [{ name: 'shop' }]))
    await expect((await connect()).call('app.list', {})).rejects.toMatchObject({ code: 'protocol' })
  })

  test('whose answer is too long for a line say so', async () => {
    const long = entry({ path: `/${'x'.repeat(10_000)}` })
    await open(new RecordingPortal(() => Array.from({ length: 1_000 }, () => long)))
    const client = await connect()
    await expect(client.call('exchanges.list', {})).rejects.toMatchObject({ code: 'protocol' })
  })

  test('are answered to a client that has ended its side already', async () => {
    const control = await open(new RecordingPortal(() => []))
    const socket = net.connect({ path: control.path, allowHalfOpen: true })
    ends.push(async () => socket.destroy())
    socket.end('{"id":1,"name":"app.list"}\n')
    expect(await firstLine(socket)).toEqual({ id: 1, result: [] })
  })

  test('under way when the door closes are answered first', async () => {
    const asked = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<unknown>()
    await open(
      new RecordingPortal(() => {
        asked.resolve()
        return answer.promise
      }),
    )
    const stopped = (await connect()).call('stop', {})
    await asked.promise
    const closing = ends.shift()!()
    answer.resolve({})
    expect(await stopped).toEqual({})
    await closing
  })
})

describe('a client that breaks the protocol', () => {
  test.each([['not json\n'], ['{"id":"a"}\n'], [`${'x'.repeat(9 * 1024 * 1024)}`]])(
    'is told why and hung up on, and others are served on',
    async (words) => {
      const control = await open(new RecordingPortal(() => []))
      const other = await connect()
      const socket = await dial(control)
      socket.write(words)
      expect(await firstLine(socket)).toMatchObject({ id: null, fault: { code: 'protocol' } })
      await expect.poll(() => socket.closed).toBe(true)
      expect(await other.call('app.list', {})).toEqual([])
    },
  )

  test('by asking without reading is not read from either', async () => {
    const list = Array.from({ length: 1_000 }, () => entry())
    const portal = new RecordingPortal(() => list)
    const control = await open(portal)
    const socket = await dial(control)
    socket.pause()
    socket.write('{"id":1,"name":"exchanges.list"}\n'.repeat(500))
    await (await connect()).call('exchanges.list', {})
    await (await connect()).call('exchanges.list', {})
    expect(portal.calls.length).toBeLessThan(10)
  })
})

describe('events', () => {
  test('reach every follower until it ends its subscription', async () => {
    const portal = new RecordingPortal(() => [])
    await open(portal)
    const [first, second] = [await connect(), await connect()]
    const seen: string[] = []
    const end = first.on('exchange', ({ id }) => seen.push(`first ${id}`))
    second.on('exchange', ({ id }) => seen.push(`second ${id}`))
    await Promise.all([first.call('app.list', {}), second.call('app.list', {})])
    portal.emit('exchange', entry({ id: 'a' }))
    await vi.waitFor(() => expect(seen.toSorted()).toEqual(['first a', 'second a']))
    end()
    await first.call('app.list', {})
    portal.emit('exchange', entry({ id: 'b' }))
    await vi.waitFor(() => expect(seen).toContain('second b'))
    expect(seen).not.toContain('first b')
  })

  test('cost nothing when nobody follows, nor when the follower has gone', async () => {
    const portal = new RecordingPortal(() => [])
    await open(portal)
    const client = await connect()
    expect(portal.followers('exchange')).toBe(0)
    client.on('exchange', () => undefined)
    await client.call('app.list', {})
    expect(portal.followers('exchange')).toBe(1)
    await client.close()
    await vi.waitFor(() => expect(portal.followers('exchange')).toBe(0))
  })

  test('wait for a follower that does not read up to a bound, are counted beyond it, and go on when it reads', async () => {
    const portal = new RecordingPortal()
    const control = await open(portal)
    const socket = await dial(control)
    socket.write('{"subscribe":"exchange"}\n')
    await vi.waitFor(() => expect(portal.followers('exchange')).toBe(1))
    socket.pause()
    const long = entry({ path: `/${'x'.repeat(8_000)}` })
    const before = process.memoryUsage().rss
    for (let count = 0; count < 10_000; count++) portal.emit('exchange', long)
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
    expect(control.missedEvents).toBeGreaterThan(9_000)

    let received = 0
    for await (const line of readLines(socket)) {
      const frame = JSON.parse(line)
      if (frame.event === 'exchange' && frame.payload.id === 'last') break
      if (frame.event === 'exchange') received++
      if (frame.missed === undefined) continue
      expect(frame).toEqual({ missed: 'exchange', count: control.missedEvents })
      portal.emit('exchange', entry({ id: 'last' }))
    }
    expect(received + control.missedEvents).toBe(10_000)
  })
})
