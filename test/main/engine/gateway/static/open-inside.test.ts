import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync } from 'node:fs'
import { chmod, mkdir, open, rename, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type Locate,
  locateByDescriptor,
  locateByIdentity,
  type Opened,
  openInside,
} from '../../../../../src/main/engine/gateway/static/open-inside.js'
import { CANARY, makeSite, openFilesBelow, type Site } from './site.js'

let site: Site

beforeEach(async () => {
  site = await makeSite({ 'real/a.txt': 'inside', 'b.txt': 'b' })
})

afterEach(async () => {
  const leaked = await openFilesBelow(site.base)
  await site.remove()
  expect(leaked).toEqual([])
})

describe.each<[string, Locate]>([
  ['by descriptor', locateByDescriptor],
  ['by identity', locateByIdentity],
])('an open file located %s', (_, locate) => {
  const attempt = async (...segments: string[]) => outcome(await openInside(site.root, segments, locate))

  test('is served when it is a plain file below the root', async () => {
    expect(await attempt('real', 'a.txt')).toBe('inside')
  })

  test('is served through links that stay inside', async () => {
    await symlink('real', path.join(site.root, 'dirlink'))
    await symlink('dirlink/a.txt', path.join(site.root, 'chain.txt'))
    expect(await attempt('dirlink', 'a.txt')).toBe('inside')
    expect(await attempt('chain.txt')).toBe('inside')
  })

  test('is refused through links that lead out, relative, absolute, of a parent, or to a sibling of like name', async () => {
    await symlink('../canary.txt', path.join(site.root, 'relative.txt'))
    await symlink(path.join(site.base, 'canary.txt'), path.join(site.root, 'absolute.txt'))
    await symlink('..', path.join(site.root, 'parent'))
    await mkdir(`${site.root}-evil`)
    await writeFile(`${site.root}-evil/canary.txt`, CANARY)
    await symlink(`${site.root}-evil`, path.join(site.root, 'evil'))
    for (const segments of [['relative.txt'], ['absolute.txt'], ['parent', 'canary.txt'], ['evil', 'canary.txt']]) {
      expect(await attempt(...segments)).toBe('refused 403')
    }
  })

  test('is refused when a link that led out at the open points inside by the time of the check', async () => {
    const link = path.join(site.root, 'swap.txt')
    await symlink('../canary.txt', link)
    const opened = await openInside(site.root, ['swap.txt'], async (file, candidate) => {
      await replaceLink('b.txt', link)
      return locate(file, candidate)
    })
    expect(await outcome(opened)).toBe('refused 403')
  })

  test('is refused likewise when the swapped link is a parent directory', async () => {
    await writeFile(path.join(site.base, 'a.txt'), CANARY)
    const link = path.join(site.root, 'swap')
    await symlink('..', link)
    const opened = await openInside(site.root, ['swap', 'a.txt'], async (file, candidate) => {
      await replaceLink('real', link)
      return locate(file, candidate)
    })
    expect(await outcome(opened)).toBe('refused 403')
  })

  test('never turns into an outside file when its path does after the open', async () => {
    const opened = await openInside(site.root, ['b.txt'], async (file, candidate) => {
      const real = await locate(file, candidate)
      await replaceLink('../canary.txt', candidate)
      return real
    })
    expect(await outcome(opened)).toBe('b')
  })
})

test('a directory is told as such, unless it lies outside', async () => {
  await symlink('..', path.join(site.root, 'parent'))
  expect((await openInside(site.root, [])).kind).toBe('directory')
  expect((await openInside(site.root, ['real'])).kind).toBe('directory')
  expect((await openInside(site.root, ['parent'])).kind).toBe('refused')
})

test.each([
  ['a name that is not there', ['nothing.txt']],
  ['a file used as a directory', ['b.txt', 'index.html']],
  ['a name longer than any file system allows', ['x'.repeat(5000)]],
])('%s is missing', async (_, segments) => {
  expect((await openInside(site.root, segments)).kind).toBe('missing')
})

test('a link to itself is refused', async () => {
  await symlink('loop', path.join(site.root, 'loop'))
  expect(await outcome(await openInside(site.root, ['loop']))).toBe('refused 403')
})

test('FIFOs, sockets and devices are refused at once', async () => {
  execFileSync('mkfifo', [path.join(site.root, 'fifo')])
  await symlink('/dev/zero', path.join(site.root, 'device'))
  const server = createServer().listen(path.join(site.root, 'socket'))
  await once(server, 'listening')
  try {
    for (const name of ['fifo', 'socket', 'device']) {
      expect(await outcome(await openInside(site.root, [name]))).toBe('refused 403')
    }
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
})

test('a FIFO is not even opened: whoever waits to write to it goes on waiting', async () => {
  const fifo = path.join(site.root, 'fifo')
  execFileSync('mkfifo', [fifo])
  let letIn = false
  const writer = open(fifo, 'w').then(async (handle) => {
    letIn = true
    await handle.close()
  })
  for (let i = 0; i < 50; i++) await openInside(site.root, ['fifo'])
  expect(letIn).toBe(false)
  closeSync(openSync(fifo, constants.O_RDWR))
  await writer
})

test('a FIFO that takes the place of a file between look and open cannot block', async () => {
  const fifo = path.join(site.root, 'fifo')
  execFileSync('mkfifo', [fifo])
  const target = path.join(site.root, 'b.txt')
  const spare = await site.write('spare.txt', 'b')
  const flip = flipForever(target, fifo, spare)
  const seen = new Set<string>()
  for (let i = 0; i < 300; i++) seen.add(await outcome(await openInside(site.root, ['b.txt'])))
  await flip.stop()
  expect([...seen].filter((result) => !['b', 'refused 403'].includes(result))).toEqual([])
})

test('a file that the gateway may not read is refused with the cause', async () => {
  await chmod(path.join(site.root, 'b.txt'), 0)
  const opened = await asOrdinaryUser(() => openInside(site.root, ['b.txt']))
  expect(opened).toMatchObject({ kind: 'refused', status: 403, reason: expect.stringContaining('EACCES') })
})

async function outcome(opened: Opened): Promise<string> {
  if (opened.kind === 'refused') return `refused ${opened.status}`
  if (opened.kind !== 'file') return opened.kind
  const content = await opened.file.handle.readFile('utf8')
  await opened.file.handle.close()
  return content
}

async function replaceLink(target: string, link: string): Promise<void> {
  await symlink(target, `${link}.new`)
  await rename(`${link}.new`, link)
}

/** Lets `target` be, in turns and without a gap, a link to the one and to the other. */
function flipForever(target: string, ...sources: string[]): { stop(): Promise<void> } {
  let going = true
  const run = (async () => {
    for (let i = 0; going; i++) await replaceLink(sources[i % sources.length]!, target)
  })()
  return {
    stop: async () => {
      going = false
      await run
    },
  }
}

/** Root reads everything, so the privileges are laid down for the while. */
async function asOrdinaryUser<T>(action: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return action()
  await chmod(site.base, 0o755)
  process.seteuid?.(65534)
  try {
    return await action()
  } finally {
    process.seteuid?.(0)
  }
}
