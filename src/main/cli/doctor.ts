import type { DoctorCheck, DoctorReport } from '../../shared/doctor-schemas.js'
import { viewOf, viewOfFiles } from '../engine/doctor/gateway-view.js'
import { judgeNode } from '../engine/doctor/judge-gateway.js'
import { runDoctor } from '../engine/doctor/run-doctor.js'
import { hostFacts } from '../platform/host-facts.js'
import { currentPlatform } from '../platform/platform.js'
import { commandWords } from './command-words.js'
import { plainJson } from './escape.js'
import { formatDoctor } from './format-doctor.js'
import { configFileOf, dataDirOf, withEngineOr } from './locate.js'
import { nodeRefusal } from './node-version.js'
import { note, print } from './output.js'
import type { CommonOptions } from './program.js'

/**
 * `portico doctor`: looks at this machine as programs of this shell see it, with the running gateway or without.
 *
 * @returns the exit code: 1 when something fails
 */
export async function doctor(options: CommonOptions & { json?: boolean }): Promise<number> {
  const json = options.json === true
  const terminal = process.stderr.isTTY === true && !json
  if (terminal) note('Asking the gateway from every client that is here. This takes some seconds.')
  const view = await withEngineOr(options, viewOf, () => viewOfFiles(configFileOf(options)))
  const scene = {
    view,
    host: hostFacts(currentPlatform()),
    dataDir: dataDirOf(options),
    portico: commandWords(options),
    now: Date.now(),
  }
  const report = withChecks(
    await runDoctor(scene),
    judgeNode(process.versions.node, nodeRefusal(process.versions.node)),
  )
  if (json) print(plainJson(report))
  else for (const line of formatDoctor(report)) print(line)
  return report.checks.some(({ status }) => status === 'fail') ? 1 : 0
}

function withChecks({ time, checks }: DoctorReport, more: DoctorCheck[]): DoctorReport {
  return { time, checks: [...checks, ...more] }
}
