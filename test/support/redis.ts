import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { until } from './wait.js'

export interface RedisServer {
  readonly url: string
  close(): Promise<void>
}

/** A real Redis server of its own, on a free port of the loopback, that saves nothing. @param port of an earlier one */
export async function startRedis(port?: number): Promise<RedisServer & { readonly port: number }> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'portico-redis-'))
  const chosen = port ?? (await freePort())
  const child = spawn('redis-server', ['--port', String(chosen), '--bind', '127.0.0.1', '--save', '', '--dir', dir], {
    stdio: 'ignore',
  })
  await once(child, 'spawn')
  await until(() => answers(chosen), 'the Redis server answers')
  return {
    url: `redis://127.0.0.1:${chosen}`,
    port: chosen,
    close: async () => {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function answers(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write('PING\r\n')
    const [data] = (await once(socket, 'data')) as [Buffer]
    return data.toString().startsWith('+PONG')
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
