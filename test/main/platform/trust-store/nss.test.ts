import { expect, test } from 'vitest'
import { nssStore, readNicknames } from '../../../../src/main/platform/trust-store/nss.js'
import { nssPlaces } from '../../../../src/main/platform/trust-store/nss-places.js'
import { shortFingerprint } from '../../../../src/main/platform/trust-store/pem.js'
import { readProfiles } from '../../../../src/main/platform/trust-store/profiles-ini.js'
import { fakeMachine, HOME, makeCa } from './support.js'

const PROFILES = `[Install4F96D1932A9F858E]
Default=abc.default-release
Locked=1

[Profile1]
Name=work
IsRelative=0
Path=/data/firefox/work

[Profile0]
Name=default-release
IsRelative=1
Path=abc.default-release
Default=1

[General]
StartWithLastProfile=1
Version=2
`

test('profiles.ini: relative and absolute paths, and no installs', () => {
  expect(readProfiles(PROFILES, '/home/ann/.mozilla/firefox')).toEqual([
    { name: 'work', folder: '/data/firefox/work' },
    { name: 'default-release', folder: '/home/ann/.mozilla/firefox/abc.default-release' },
  ])
  expect(readProfiles(PROFILES.replaceAll('\n', '\r\n'), '/f')[1]?.folder).toBe('/f/abc.default-release')
  expect(readProfiles('', '/f')).toEqual([])
})

test('Linux: Chromium’s database, old or new, confined browsers, and every profile of every Firefox', async () => {
  const database = (folder: string) => ({ [`${HOME}/${folder}/cert9.db`]: '' })
  const one = '[Profile0]\nName=one\nPath=one\n'
  const machine = await fakeMachine({
    files: {
      ...database('.pki/nssdb'),
      ...database('.local/share/pki/nssdb'),
      ...database('snap/chromium/current/.local/share/pki/nssdb'),
      ...database('.var/app/com.google.Chrome/.pki/nssdb'),
      [`${HOME}/.mozilla/firefox/profiles.ini`]: PROFILES,
      ...database('.mozilla/firefox/abc.default-release'),
      '/data/firefox/work/cert9.db': '',
      [`${HOME}/.config/mozilla/firefox/profiles.ini`]:
        '[Profile0]\nName=work\nPath=x\n[Profile1]\nName=bare\nPath=bare\n',
      ...database('.config/mozilla/firefox/x'),
      [`${HOME}/snap/firefox/common/.mozilla/firefox/profiles.ini`]: one,
      ...database('snap/firefox/common/.mozilla/firefox/one'),
      [`${HOME}/.var/app/org.mozilla.firefox/.mozilla/firefox/profiles.ini`]: one,
      ...database('.var/app/org.mozilla.firefox/.mozilla/firefox/one'),
    },
  })
  const places = await nssPlaces(machine)
  expect(places.map(({ id, folder }) => [id, folder.replace(`${HOME}/`, '')])).toEqual([
    ['nss:chromium', '.pki/nssdb'],
    ['nss:chromium-xdg', '.local/share/pki/nssdb'],
    ['nss:chromium-snap', 'snap/chromium/current/.local/share/pki/nssdb'],
    ['nss:chrome-flatpak', '.var/app/com.google.Chrome/.pki/nssdb'],
    ['nss:firefox:work', '/data/firefox/work'],
    ['nss:firefox:default-release', '.mozilla/firefox/abc.default-release'],
    ['nss:firefox:work-2', '.config/mozilla/firefox/x'],
    ['nss:firefox-snap:one', 'snap/firefox/common/.mozilla/firefox/one'],
    ['nss:firefox-flatpak:one', '.var/app/org.mozilla.firefox/.mozilla/firefox/one'],
  ])
})

test('Chromium’s database is made only where there is a Chromium', async () => {
  expect(await nssPlaces(await fakeMachine({ env: { PATH: '/usr/bin' } }))).toEqual([])
  const files = { '/usr/bin/google-chrome-stable': '' }
  const places = await nssPlaces(await fakeMachine({ env: { PATH: 'relative:/usr/bin' }, files }))
  expect(places).toMatchObject([{ id: 'nss:chromium', folder: `${HOME}/.pki/nssdb`, create: true }])
})

test('macOS: Firefox trusts the keychain, so its database is left alone unless it was told not to', async () => {
  const folder = `${HOME}/Library/Application Support/Firefox`
  const files = {
    [`${folder}/profiles.ini`]: '[Profile0]\nName=a\nPath=Profiles/a\n[Profile1]\nName=b\nPath=Profiles/b\n',
    [`${folder}/Profiles/a/cert9.db`]: '',
    [`${folder}/Profiles/b/cert9.db`]: '',
    [`${folder}/Profiles/b/prefs.js`]: '// x\nuser_pref("security.enterprise_roots.enabled", false);\n',
  }
  const places = await nssPlaces(await fakeMachine({ platform: 'darwin', files }))
  expect(places.map(({ id, optional }) => [id, optional])).toEqual([
    ['nss:firefox:a', true],
    ['nss:firefox:b', false],
  ])
})

const LIST = `
Certificate Nickname                                         Trust Attributes
                                                             SSL,S/MIME,JAR/XPI

Portico 0123456789abcdef                                     C,,  
My, own CA                                                   CT,C,C
user's cert                                                  u,u,u
without trust                                                ,,   
`

test('the list of certutil', () => {
  expect(readNicknames(LIST)).toEqual([
    { nickname: 'Portico 0123456789abcdef', flags: 'C,,' },
    { nickname: 'My, own CA', flags: 'CT,C,C' },
    { nickname: "user's cert", flags: 'u,u,u' },
    { nickname: 'without trust', flags: ',,' },
  ])
})

const PLACE = { id: 'nss:x', title: 'X', folder: '/db', create: true, optional: false }
const CERTUTIL = { '/usr/bin/certutil': '' }

test('an entry is known by its fingerprint and not by its nickname', async () => {
  const [ca, other] = [await makeCa(), await makeCa()]
  const machine = await fakeMachine({
    env: { PATH: '/usr/bin' },
    files: { ...CERTUTIL, '/db/cert9.db': '' },
    outputs: { '-n My, own CA -a': ca.pem, '-n Portico 0123456789abcdef -a': other.pem, '-L -d sql:/db': LIST },
  })
  const look = await nssStore(machine, PLACE, '').look(ca)
  expect(look).toMatchObject({
    found: true,
    entries: [
      { place: 'Portico 0123456789abcdef', fingerprint: other.fingerprint, trusted: true },
      { place: 'My, own CA', fingerprint: ca.fingerprint, trusted: true },
    ],
  })
  const removals = await nssStore(machine, PLACE, '').removals(look.found ? look.entries.slice(1) : [], new Set())
  expect(removals).toMatchObject([{ args: ['-D', '-d', 'sql:/db', '-n', 'My, own CA'], elevated: false }])
})

test('a database that is missing is made first, with an empty password', async () => {
  const ca = await makeCa()
  const machine = await fakeMachine({ env: { PATH: '/usr/bin' }, files: CERTUTIL })
  const steps = await nssStore(machine, PLACE, '').additions(ca, [], new Set())
  const nickname = `Portico ${shortFingerprint(ca.fingerprint)}`
  expect(steps).toMatchObject([
    { kind: 'make-directory', path: '/db', mode: 0o700 },
    { args: ['-N', '-d', 'sql:/db', '--empty-password'] },
    {
      args: expect.arrayContaining(['-A', nickname]),
      stdin: `${ca.pem}\n`,
      undo: { args: expect.arrayContaining(['-D']) },
    },
    { args: expect.arrayContaining(['-M', nickname, 'C,,']) },
  ])
})

test.each([{ '/db/cert9.db': '' }, {}])('without certutil it is said how to come by it', async (files) => {
  const machine = await fakeMachine({ env: { PATH: '/usr/bin' }, files })
  const store = nssStore(machine, PLACE, 'sudo apt install libnss3-tools')
  const because = expect.stringContaining('sudo apt install libnss3-tools')
  expect(await store.look(await makeCa())).toEqual({ found: false, known: false, because })
})

test('macOS: Homebrew’s certutil is found where its PATH is not', async () => {
  const files = { '/opt/homebrew/opt/nss/bin/certutil': '', '/db/cert9.db': '' }
  const machine = await fakeMachine({ platform: 'darwin', env: { PATH: '/usr/bin' }, files })
  await nssStore(machine, PLACE, '').look(await makeCa())
  expect(machine.ran).toEqual(['/opt/homebrew/opt/nss/bin/certutil -L -d sql:/db'])
})
