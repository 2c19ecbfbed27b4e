import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { doctorProbes } from '../../src/main/platform/doctor/doctor-probes.js'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { SystemKeeper } from '../../src/main/platform/plan/system-keeper.js'
import type { Machine } from '../../src/main/platform/trust-store/machine.js'
import { TrustKeeper } from '../../src/main/platform/trust-store/trust-keeper.js'
import { temporaryDirectory } from './chromium.js'

export const HOSTS = '127.0.0.1\tlocalhost\n::1\tlocalhost\n'

/** A Linux machine that is a folder of files and has no programs: what its hosts file says is what it finds. */
export async function sandboxMachine() {
  const root = await temporaryDirectory('root')
  const file = path.join(root, 'etc/hosts')
  await mkdir(path.dirname(file))
  await mkdir(path.join(root, 'proc/sys/net/ipv4'), { recursive: true })
  await writeFile(file, HOSTS)
  await writeFile(path.join(root, 'proc/sys/net/ipv4/ip_unprivileged_port_start'), '1024\n')
  const machine: Machine = {
    ...{ platform: 'linux', env: { PATH: '/nowhere' }, home: '/home/ann', root },
    run: async () => ({ exitCode: 1, stdout: '', stderr: 'not in this test' }),
  }
  const hosts = () => readFile(file, 'utf8')
  const find = async (name: string) => {
    const lines = (await hosts()).split('\n').map((line) => line.split('\t'))
    return lines.flatMap(([address = '', one]) => (one === name ? [address] : []))
  }
  const lookup = async (name: string) => {
    const addresses = await find(name)
    return { addresses, error: addresses.length === 0 ? 'ENOTFOUND' : null }
  }
  const host = {
    ...hostFacts('linux'),
    doctor: { ...doctorProbes(machine), lookup },
    trustStores: new TrustKeeper(machine),
    systemSettings: new SystemKeeper(machine, { way: async () => 'already', find }),
  }
  return { host, hosts }
}
