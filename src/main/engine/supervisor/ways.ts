import type { AppProcess } from './app-process.js'
import type { ProcessSettings } from './settings.js'

export interface WayMaking<Target> {
  /** where requests go for an app that listens on this port */
  target(port: number, settings: ProcessSettings): Target
  /** requests go there from now on; null: nowhere */
  onTarget(app: string, target: Target | null): void
}

interface Way<Target> {
  port: number
  settings: ProcessSettings
  target: Target
  /** the process is ready */
  open: boolean
}

/** The ways of requests to the processes. Each stays the same object for as long as port and settings are the same. */
export class Ways<Target> {
  readonly #making: WayMaking<Target>
  readonly #ways = new Map<string, Way<Target>>()

  constructor(making: WayMaking<Target>) {
    this.#making = making
  }

  /** null while it is closed */
  target(app: string): Target | null {
    const way = this.#ways.get(app)
    return way?.open === true ? way.target : null
  }

  /** Opens or closes the way to a process, as its condition is now. */
  follow({ settings, condition, run: { port } }: AppProcess): void {
    const { app } = settings
    const known = this.#ways.get(app)
    if (condition.name === 'running' && port !== null) {
      const stays = known?.port === port && known.settings === settings
      const target = stays ? known.target : this.#making.target(port, settings)
      this.#ways.set(app, { port, settings, target, open: true })
      this.#making.onTarget(app, target)
    } else if (known?.open === true) {
      known.open = false
      this.#making.onTarget(app, null)
    }
  }

  forget(app: string): void {
    this.#ways.delete(app)
  }
}
