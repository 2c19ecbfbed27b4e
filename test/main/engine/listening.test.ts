import { expect, test } from 'vitest'
import { Listening, type Switchable } from '../../../src/main/engine/listening.js'
import type { ListenPlan } from '../../../src/main/engine/open-listeners.js'
import type { Listener } from '../../../src/shared/contract.js'

const PLAN: ListenPlan = {
  bind: ['127.0.0.1'],
  https: { port: 443, fallback: 4443 },
  http: { port: 80, fallback: 8080 },
}

/** A system that permits low ports, or redirects them, when it is told to. */
class Fake implements Switchable {
  permits = false
  redirects = false
  #open: Listener[] = []
  drain = async () => {}
  reopen = () => {}
  readonly listeners: Switchable['listeners']

  constructor() {
    const open = () => this.#open
    this.listeners = {
      get open() {
        return [...open()]
      },
      listen: async (address, port, protocol) => {
        if (port < 1024 && !this.permits) throw Object.assign(new Error('no'), { code: 'EACCES' })
        const listener = { address, port, protocol }
        this.#open.push(listener)
        return listener
      },
      close: async (which) => {
        this.#open = this.#open.filter((one) => !which(one))
      },
      findRedirect: async () => this.redirects,
      endRemote: () => {},
    }
  }

  get ports() {
    return this.#open.map(({ port }) => port).sort((a, b) => a - b)
  }
}

async function begin() {
  const fake = new Fake()
  const listening = new Listening(fake, PLAN, undefined)
  await listening.open()
  expect(fake.ports).toEqual([4443, 8080])
  expect(listening.warnings.map(({ path }) => path)).toEqual(['listen.https', 'listen.http'])
  return { fake, listening }
}

test('ports that are permitted meanwhile are taken when it looks again, and kept when the permission goes', async () => {
  const { fake, listening } = await begin()
  fake.permits = true
  await listening.lookAgain()
  expect(fake.ports).toEqual([80, 443])
  expect(listening.warnings).toEqual([])
  fake.permits = false
  await listening.lookAgain()
  expect(fake.ports).toEqual([80, 443])
  expect(listening.warnings).toEqual([])
})

test('a redirect that is made or taken back meanwhile is noticed when it looks again', async () => {
  const { fake, listening } = await begin()
  fake.redirects = true
  await listening.lookAgain()
  expect(fake.ports).toEqual([4443, 8080])
  expect(listening.warnings).toEqual([])
  fake.redirects = false
  await listening.lookAgain()
  expect(listening.warnings.map(({ path }) => path)).toEqual(['listen.https', 'listen.http'])
})

test('one that is turned off does not listen because it looks again', async () => {
  const { fake, listening } = await begin()
  await listening.pause(0)
  await listening.lookAgain()
  expect(fake.ports).toEqual([])
})
