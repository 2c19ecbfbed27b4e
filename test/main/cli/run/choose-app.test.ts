import { describe, expect, test } from 'vitest'
import { chooseNamed, chooseUnnamed } from '../../../../src/main/cli/run/choose-app.js'
import { appStatus } from '../../../../src/main/engine/app-status.js'
import { proposeName } from '../../../../src/main/engine/discovery/propose-name.js'
import type { App } from '../../../../src/shared/config.js'

const statusOf = (app: App, whilePid: number | null = null) => appStatus(app, 443, whilePid)
const refused = expect.objectContaining({ code: 'conflict' })

describe('a name that was given', () => {
  test('may be new', () => {
    expect(chooseNamed('shop', {}, [])).toEqual({ name: 'shop', knownPort: null })
  })

  test('may be an app of the config on a port, which is then its port', () => {
    const apps = [statusOf({ name: 'shop', port: 3000 })]
    expect(chooseNamed('shop', {}, apps)).toEqual({ name: 'shop', knownPort: 3000 })
    expect(chooseNamed('shop', { port: 3000 }, apps)).toEqual({ name: 'shop', knownPort: 3000 })
    expect(() => chooseNamed('shop', { port: 3001 }, apps)).toThrow(refused)
    expect(() => chooseNamed('shop', { host: ['a.localhost'] }, apps)).toThrow(refused)
  })

  test('is refused where that app is another kind of app, or disabled', () => {
    for (const app of [
      { name: 'shop', static: { dir: '/srv' } },
      { name: 'shop', process: { command: 'npm start' } },
      { name: 'shop', port: 3000, enabled: false },
    ]) {
      expect(() => chooseNamed('shop', {}, [statusOf(app)])).toThrow(refused)
    }
  })

  test('that a temporary app has is for the gateway to judge', () => {
    expect(chooseNamed('shop', {}, [statusOf({ name: 'shop', port: 4123 }, 812)]).knownPort).toBeNull()
  })
})

describe('without a name', () => {
  const propose = (taken: ReadonlySet<string>) =>
    proposeName({ packageName: 'shop', folderName: null, command: null, port: 3000 }, taken)
  const choose = (apps: ReturnType<typeof statusOf>[], wish = {}, alive = true) =>
    chooseUnnamed(wish, apps, propose, () => alive)

  test('the project gives it', () => {
    expect(choose([])).toEqual({ name: 'shop', knownPort: null })
  })

  test('an app of the config with that name and a port is meant', () => {
    const apps = [statusOf({ name: 'shop', port: 3000 })]
    expect(choose(apps)).toEqual({ name: 'shop', knownPort: 3000 })
    expect(choose(apps, { port: 5000 })).toEqual({ name: 'shop-2', knownPort: null })
  })

  test('the next one is taken where the name or its host is another app', () => {
    expect(choose([statusOf({ name: 'shop', static: { dir: '/srv' } })]).name).toBe('shop-2')
    expect(choose([statusOf({ name: 'web', port: 1, hosts: ['shop.localhost'] })]).name).toBe('shop-2')
  })

  test('the next one is taken beside a command that still runs, and the same one after it', () => {
    const apps = [statusOf({ name: 'shop', port: 4123 }, 812)]
    expect(choose(apps)).toEqual({ name: 'shop-2', knownPort: null })
    expect(choose(apps, {}, false)).toEqual({ name: 'shop', knownPort: null })
  })
})
