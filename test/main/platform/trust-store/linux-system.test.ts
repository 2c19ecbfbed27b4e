import { expect, test } from 'vitest'
import { LINUX_FAMILIES, linuxTrust } from '../../../../src/main/platform/trust-store/linux-families.js'
import { linuxSystemStore } from '../../../../src/main/platform/trust-store/linux-system.js'
import { shortFingerprint } from '../../../../src/main/platform/trust-store/pem.js'
import { makePlan } from '../../../../src/shared/plan.js'
import { fakeMachine, makeCa } from './support.js'

const ALL = new Set(LINUX_FAMILIES.map(({ anchors }) => anchors))

test.each([
  ['Debian 12', 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n', 'debian'],
  ['Ubuntu', 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', 'debian'],
  ['Linux Mint', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'debian'],
  ['Fedora', "NAME='Fedora Linux'\nID=fedora\nVARIANT_ID=silverblue\n", 'fedora'],
  ['Rocky', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'fedora'],
  ['Arch', 'ID=arch\n', 'arch'],
  ['EndeavourOS', 'ID="endeavouros"\nID_LIKE="arch"\n', 'arch'],
  ['Tumbleweed', 'ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', 'suse'],
  ['SLES', 'ID="sles"\nID_LIKE="suse"\n', 'suse'],
  ['Alpine', 'ID=alpine\n', 'alpine'],
])('%s belongs to a family by what it says that it is', (_name, osRelease, id) => {
  expect(linuxTrust(osRelease, ALL).family?.id).toBe(id)
})

test('a distribution of another name is known by its folder', () => {
  expect(linuxTrust('ID=void\n', new Set(['/etc/pki/ca-trust/source/anchors'])).family?.id).toBe('fedora')
  expect(linuxTrust('', new Set()).family).toBeNull()
})

test.each([
  ['NixOS', 'ID=nixos\n', 'security.pki.certificateFiles'],
  ['Debian without its package', 'ID=debian\n', 'install the package ca-certificates'],
])('%s is told what to do instead', (_name, osRelease, words) => {
  expect(linuxTrust(osRelease, new Set())).toMatchObject({ family: null, because: expect.stringContaining(words) })
})

const REFRESH = {
  debian: ['/usr/sbin/update-ca-certificates'],
  fedora: ['/usr/bin/update-ca-trust', 'extract'],
  arch: ['/usr/bin/trust', 'extract-compat'],
  suse: ['/usr/sbin/update-ca-certificates'],
  alpine: ['/usr/sbin/update-ca-certificates'],
}

test.each(LINUX_FAMILIES)('$id: an anchor is written and the bundle made anew, in one elevation', async (family) => {
  const ca = await makeCa()
  const machine = await fakeMachine({ files: { '/etc/os-release': `ID=${family.names[0]}\n`, [family.anchors]: null } })
  const store = await linuxSystemStore(machine)
  expect(store.id).toBe(family.id)
  expect(await store.look(ca)).toEqual({ found: true, entries: [] })
  const plan = makePlan('x', await store.additions(ca, [], new Set()))
  const file = `${family.anchors}/portico-${shortFingerprint(ca.fingerprint)}.crt`
  expect(plan.elevated).toBe(true)
  expect(plan.steps).toMatchObject([
    { kind: 'write-file', path: file, content: `${ca.pem}\n`, mode: 0o644 },
    { kind: 'command', program: REFRESH[family.id][0], args: REFRESH[family.id].slice(1), refresh: true },
  ])
})

test.each(LINUX_FAMILIES.filter(({ id }) => id !== 'debian'))(
  '$id: what is removed is the file with this very CA, whatever its name',
  async (family) => {
    const [ca, other] = [await makeCa(), await makeCa()]
    const machine = await fakeMachine({
      files: {
        '/etc/os-release': `ID=${family.names[0]}\n`,
        [`${family.anchors}/my-portico.crt`]: ca.pem,
        [`${family.anchors}/portico-${shortFingerprint(ca.fingerprint)}.txt`]: other.pem,
        [family.bundle]: `# roots\n${ca.pem}\n${other.pem}\n`,
      },
    })
    const store = await linuxSystemStore(machine)
    const look = await store.look(ca)
    const entries = look.found ? look.entries : []
    expect(entries.map(({ fingerprint, trusted }) => [fingerprint, trusted])).toEqual([
      [ca.fingerprint, true],
      [other.fingerprint, true],
    ])
    const own = entries.filter(({ fingerprint }) => fingerprint === ca.fingerprint)
    const [first, second, ...more] = await store.removals(own, new Set())
    expect(first).toMatchObject({ kind: 'remove-file', path: `${family.anchors}/my-portico.crt`, elevated: true })
    const args = [...REFRESH[family.id].slice(1), ...(family.id === 'alpine' ? ['--fresh'] : [])]
    expect(second).toMatchObject({ kind: 'command', program: REFRESH[family.id][0], args })
    expect(more).toEqual([])
  },
)

test('Debian: the links and the entry in Java’s keystore go too, since its own tool leaves them', async () => {
  const ca = await makeCa()
  const name = 'my CA (old), portico'
  const machine = await fakeMachine({
    files: {
      '/etc/os-release': 'ID=debian\n',
      [`/usr/local/share/ca-certificates/${name}.crt`]: ca.pem,
      '/etc/ssl/certs/ca-certificates.crt': ca.pem,
      '/etc/ca-certificates/update.d/jks-keystore': '#!/bin/sh\n',
    },
  })
  const store = await linuxSystemStore(machine)
  const look = await store.look(ca)
  const steps = await store.removals(look.found ? look.entries : [], new Set())
  const link = '/etc/ssl/certs/my_CA_=old=__portico.pem'
  expect(steps).toMatchObject([
    { kind: 'remove-file', path: `/usr/local/share/ca-certificates/${name}.crt` },
    { kind: 'remove-file', path: link },
    { kind: 'command', program: '/usr/bin/openssl', args: ['rehash', '/etc/ssl/certs'] },
    { kind: 'command', program: '/usr/sbin/update-ca-certificates', args: [] },
    { kind: 'command', program: '/etc/ca-certificates/update.d/jks-keystore', stdin: `-${link}\n` },
  ])
})

test('an anchor that is not in the bundle yet is not trusted, and only the refresh is missing', async () => {
  const ca = await makeCa()
  const machine = await fakeMachine({
    files: { '/etc/os-release': 'ID=fedora\n', '/etc/pki/ca-trust/source/anchors/x.crt': ca.pem },
  })
  const store = await linuxSystemStore(machine)
  const look = await store.look(ca)
  expect(look).toMatchObject({ entries: [{ trusted: false, remark: expect.stringContaining('update-ca-trust') }] })
  const steps = await store.additions(ca, look.found ? look.entries : [], new Set())
  expect(steps.map(({ kind }) => kind)).toEqual(['command'])
})

test('a file with other certificates too, or a CA put there by other means, is left to the person', async () => {
  const [ca, other] = [await makeCa(), await makeCa()]
  const machine = await fakeMachine({
    files: {
      '/etc/os-release': 'ID=fedora\n',
      '/etc/pki/ca-trust/source/anchors/both.crt': `${ca.pem}\n${other.pem}`,
      '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem': `${ca.pem}\n`,
    },
  })
  const store = await linuxSystemStore(machine)
  const look = await store.look(ca)
  const steps = await store.removals(look.found ? look.entries : [], new Set())
  expect(steps.map(({ kind }) => kind)).toEqual(['note', 'note'])
})
