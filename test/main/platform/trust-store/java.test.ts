import { symlink, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { javaStore, readAliases } from '../../../../src/main/platform/trust-store/java.js'
import { javaPlaces, readJavaHome } from '../../../../src/main/platform/trust-store/java-places.js'
import { LookMemory } from '../../../../src/main/platform/trust-store/look-memory.js'
import { shortFingerprint } from '../../../../src/main/platform/trust-store/pem.js'
import { fakeMachine, HOME, makeCa } from './support.js'

test('every keystore of every Java is found once, behind the links of distributions', async () => {
  const machine = await fakeMachine({
    env: { PATH: '/usr/bin', JAVA_HOME: '/opt/jdk8' },
    files: {
      '/etc/ssl/certs/java/cacerts': '',
      '/usr/lib/jvm/java-17/bin/keytool': '',
      '/usr/lib/jvm/java-17/lib/security/x': '',
      '/usr/lib/jvm/java-21/bin/keytool': '',
      '/usr/lib/jvm/java-21/lib/security/x': '',
      '/usr/lib/jvm/openjdk-17/x': '',
      '/opt/jdk8/bin/keytool': '',
      '/opt/jdk8/jre/lib/security/cacerts': '',
      [`${HOME}/.sdkman/candidates/java/25-tem/bin/keytool`]: '',
      [`${HOME}/.sdkman/candidates/java/25-tem/lib/security/cacerts`]: '',
      '/usr/bin/java': '',
    },
    outputs: { XshowSettings: { exitCode: 0, stdout: '', stderr: '    java.home = /opt/jdk8/jre\n' } },
  })
  for (const name of ['java-17', 'java-21']) {
    const file = `${machine.root}/usr/lib/jvm/${name}/lib/security/cacerts`
    await symlink(`${machine.root}/etc/ssl/certs/java/cacerts`, file)
  }
  expect((await javaPlaces(machine)).map(({ keystore, keytool }) => [keystore, keytool])).toEqual([
    ['/etc/ssl/certs/java/cacerts', '/usr/lib/jvm/java-17/bin/keytool'],
    ['/opt/jdk8/jre/lib/security/cacerts', '/opt/jdk8/bin/keytool'],
    [
      `${HOME}/.sdkman/candidates/java/25-tem/lib/security/cacerts`,
      `${HOME}/.sdkman/candidates/java/25-tem/bin/keytool`,
    ],
  ])
})

test('java.home among the settings that Java prints', () => {
  const printed =
    'Property settings:\n    file.separator = /\n    java.home = C:\\Program Files\\Java\\jdk-21\r\n    x = y\n'
  expect(readJavaHome(printed)).toBe('C:\\Program Files\\Java\\jdk-21')
  expect(readJavaHome('')).toBeNull()
})

const PLACE = { keystore: '/etc/ssl/certs/java/cacerts', keytool: '/j/bin/keytool', javaHome: '/j', elevated: true }

test('an entry is known by its fingerprint and removed by its alias', async () => {
  const [ca, other] = [await makeCa(), await makeCa()]
  const list = [
    'Keystore type: JKS\n\nYour keystore contains 2 entries\n',
    `Alias name: debian:some.pem\nCreation date: Jun 24, 2025\nEntry type: trustedCertEntry\n\n${ca.pem}\n\n\n*****\n`,
    `Alias name: portico-${shortFingerprint(ca.fingerprint)}\nEntry type: trustedCertEntry\n\n${other.pem}\n`,
  ].join('\n')
  expect(readAliases(list).map(({ alias }) => alias)).toHaveLength(2)
  const store = javaStore(await fakeMachine({ outputs: { '-list -keystore': list } }), PLACE)
  const look = await store.look(ca)
  expect(look).toMatchObject({
    entries: [{ place: 'debian:some.pem', fingerprint: ca.fingerprint }, { name: other.name }],
  })
  const [step] = await store.removals(look.found ? look.entries.slice(0, 1) : [], new Set())
  expect(step).toMatchObject({ elevated: true, args: expect.arrayContaining(['-delete', '-alias', 'debian:some.pem']) })
})

test('a keystore with a password of its own is not known, and not guessed at', async () => {
  const outputs = { '-list': { exitCode: 1, stdout: 'keytool error: password was incorrect\n', stderr: '' } }
  const look = await javaStore(await fakeMachine({ outputs }), PLACE).look(await makeCa())
  expect(look).toEqual({ found: false, known: false, because: expect.stringContaining('password was incorrect') })
})

test('Debian’s keystore is left to the system store where that is changed in the same go', async () => {
  const ca = await makeCa()
  const hook = { '/etc/ca-certificates/update.d/jks-keystore': '' }
  const store = javaStore(await fakeMachine({ files: hook }), PLACE)
  const kinds = async (...alongside: string[]) =>
    (await store.additions(ca, [], new Set(alongside))).map(({ kind }) => kind)
  expect(await kinds('debian', store.id)).toEqual(['note'])
  expect(await kinds(store.id)).toEqual(['command'])
  const other = javaStore(await fakeMachine({ files: hook }), { ...PLACE, keystore: '/opt/jdk/lib/security/cacerts' })
  expect((await other.additions(ca, [], new Set(['debian'])))[0]?.kind).toBe('command')
})

test('keytool is asked again only when the keystore or the CA is another one, or it could not tell', async () => {
  const [ca, other] = [await makeCa(), await makeCa()]
  const outputs: Record<string, string> = { '-list': '' }
  const machine = await fakeMachine({ files: { [PLACE.keystore]: 'one' }, outputs })
  const memory = new LookMemory()
  const look = (of = ca) => javaStore(machine, PLACE, memory).look(of)
  await Promise.all([look(), look()])
  await look()
  expect(machine.ran).toHaveLength(1)
  await look(other)
  expect(machine.ran).toHaveLength(2)
  await writeFile(machine.root + PLACE.keystore, 'another')
  outputs['-list'] = `Alias name: portico\n${other.pem}\n`
  expect(await look(other)).toMatchObject({ found: true, entries: [{ place: 'portico' }] })
  expect(machine.ran).toHaveLength(3)
  delete outputs['-list']
  expect(await look()).toMatchObject({ found: false })
  expect(await look()).toMatchObject({ found: false })
  expect(machine.ran).toHaveLength(5)
})
