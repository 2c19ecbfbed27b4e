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

  /**
   * @param topics those to look at, after a look at everything that is under way; everything when left out
   * @throws Fault `not-supported` where the engine was told of no machine
   */
  async run(topics?: readonly string[]): Promise<DoctorReport> {
    if (topics !== undefined) {
      await this.#running?.catch(() => {}) // told to who asked for it
      return this.#run(topics)
    }
    this.#running ??= this.#run(null).finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #run(topics: readonly string[] | null): Promise<DoctorReport> {
    const { portal, host, dataDir, tell } = this.#options
    const probes = host?.doctor
    if (host === undefined || probes === undefined) {
      throw new Fault('not-supported', 'This machine is out of reach here.', 'Use: portico doctor')
    }
    const view = await viewOf(portal)
    return runDoctor(
      { view, host: { ...host, doctor: probes }, dataDir, portico: calling(dataDir), now: Date.now() },
      tell,
      topics,
    )
  }
}

/** The words that reach this engine from a shell. */
function calling(dataDir: string): string {
  return dataDir === defaultDataDir() ? 'portico' : `portico --data-dir ${shellQuote(dataDir)}`
}
