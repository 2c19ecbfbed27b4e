import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LsofScanner } from '../../../../src/main/platform/port-discovery/darwin.js'
import { ProcScanner } from '../../../../src/main/platform/port-discovery/linux.js'
import { Listeners } from '../../../support/listener.js'

let listeners: Listeners

beforeEach(async () => {
  listeners = await Listeners.make()
})

afterEach(() => listeners.close())

const onLinux = process.platform === 'linux'
const hasLsof = () => {
  try {
    execFileSync('lsof', ['-v'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const scanners = [
  ['procfs', () => new ProcScanner(), onLinux],
  ['lsof', () => new LsofScanner(), hasLsof()],
] as const

for (const [name, make, possible] of scanners) {
  test.runIf(possible)(`${name} tells address, process, folder and command line of real listeners`, async () => {
    const folder = await listeners.project('shop')
    const scanner = make()
    for (const address of ['127.0.0.1', '::1', '0.0.0.0', '::']) {
      const { port, pid, end } = await listeners.node(folder, address)
      for (const look of ['first', 'again']) {
        const found = (await scanner.scan()).filter((socket) => socket.port === port)
        expect({ look, found }).toEqual({
          look,
          found: [
            { address, port, process: { pid, command: expect.any(String), folder, commandLine: expect.any(String) } },
          ],
        })
        expect(found[0]?.process?.commandLine).toContain(process.execPath)
      }
      await end()
      expect((await scanner.scan()).filter((socket) => socket.port === port)).toEqual([])
    }
  })
}

test.runIf(onLinux)('the program is named by its file, not by its first thread', async () => {
  const { port } = await listeners.node(await listeners.project('shop'), '127.0.0.1')
  const found = (await new ProcScanner().scan()).find((socket) => socket.port === port)
  expect(found?.process?.command).toBe(path.basename(process.execPath))
})

test.runIf(onLinux)('processes that end or are closed to this user are passed over', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'portico-proc-'))
  const socket = (row: number, port: string, inode: number) =>
    `   ${row}: 0100007F:${port} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0`
  try {
    await mkdir(path.join(root, 'net'))
    await writeFile(path.join(root, 'net', 'tcp'), ['head', socket(0, '0BB8', 111), socket(1, '0BB9', 222)].join('\n'))
    await mkdir(path.join(root, '40')) // no fd: closed
    await mkdir(path.join(root, '41', 'fd'), { recursive: true })
    await writeFile(path.join(root, '41', 'fd', '3'), '') // no link: it has changed meanwhile
    await mkdir(path.join(root, '42', 'fd'), { recursive: true })
    await symlink('socket:[111]', path.join(root, '42', 'fd', '7'))
    await writeFile(path.join(root, '42', 'comm'), 'server\n')
    const scanner = new ProcScanner(root)
    const owned = { pid: 42, command: 'server', folder: null, commandLine: null }
    expect(await scanner.scan()).toEqual([
      { address: '127.0.0.1', port: 3000, process: owned },
      { address: '127.0.0.1', port: 3001, process: null },
    ])

    await mkdir(path.join(root, '43', 'fd'), { recursive: true })
    await symlink('socket:[111]', path.join(root, '43', 'fd', '7'))
    await writeFile(path.join(root, '43', 'comm'), 'heir\n')
    expect((await scanner.scan())[0]?.process?.pid).toBe(42)
    await unlink(path.join(root, '42', 'fd', '7'))
    expect((await scanner.scan())[0]?.process).toEqual({ ...owned, pid: 43, command: 'heir' })
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
