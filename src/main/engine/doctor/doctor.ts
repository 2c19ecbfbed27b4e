import type { Portal } from '../../../shared/contract.js'
import type { DoctorProgress, DoctorReport } from '../../../shared/doctor-schemas.js'
import { Fault } from '../../../shared/fault.js'
import { shellQuote } from '../../../shared/shell-quote.js'
import { defaultDataDir } from '../config/paths.js'
import type { HostFacts } from '../engine-options.js'
import { viewOf } from './gateway-view.js'
import { runDoctor } from './run-doctor.js'

export interface DoctorOptions {
  portal: Pick<Portal, 'call'>
  host: HostFacts | undefined
  /** absolute */
  dataDir: string
  /** told while it runs */
  tell(progress: DoctorProgress): void
}

/** The engine's doctor. Who asks while it looks gets what the one before gets. */
export class Doctor {
  readonly #options: DoctorOptions
  #running: Promise<DoctorReport> | null = null

  constructor(options: DoctorOptions) {
    this.#options = options
  }

  /** @throws Fault `not-supported` where the engine was told of no machine */
  run(): Promise<DoctorReport> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #run(): Promise<DoctorReport> {
    const { portal, host, dataDir, tell } = this.#options
    const probes = host?.doctor
    if (host === undefined || probes === undefined) {
      throw new Fault('not-supported', 'This machine is out of reach here.', 'Use: portico doctor')
    }
    const view = await viewOf(portal)
    return runDoctor(
      { view, host: { ...host, doctor: probes }, dataDir, portico: calling(dataDir), now: Date.now() },
      tell,
    )
  }
}

/** The words that reach this engine from a shell. */
function calling(dataDir: string): string {
  return dataDir === defaultDataDir() ? 'portico' : `portico --data-dir ${shellQuote(dataDir)}`
}
