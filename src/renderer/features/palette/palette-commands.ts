import type { AppStatus } from '../../../shared/contract.js'
import type { ShareStatus } from '../../../shared/share-schemas.js'
import type { TunnelStatus } from '../../../shared/tunnel-schemas.js'
import type { ProcessStatus } from '../../../shared/window-schemas.js'
import { copyText } from '../../copy-text.js'
import { runDoctor } from '../../stores/doctor.js'
import { useExchanges } from '../../stores/exchanges.js'
import { actOnProcess, type ProcessAction, showOutput, showPolicies } from '../../stores/processes.js'
import { SCREENS, THEMES, useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { waysOf } from '../apps/process-look.js'
import { endFaults } from '../faults/fault-actions.js'
import { faultedApps } from '../faults/faulted-apps.js'
import { disconnectServices, showServices } from '../share/services-actions.js'
import { liveTunnels, relayHost } from '../share/services-look.js'
import { shareApp, showShare, stopShare } from '../share/share-actions.js'
import { liveShareOf } from '../share/share-look.js'

export interface PaletteCommand {
  label: string
  run(): void
}

const text = strings.palette

/** Everything that can be done from the palette, with the apps there are. */
export function paletteCommands(
  apps: readonly AppStatus[],
  processes: readonly ProcessStatus[] = [],
  shares: readonly ShareStatus[] = [],
  tunnels: readonly TunnelStatus[] = [],
): PaletteCommand[] {
  const { go, show, setTheme, selectApp } = useUi.getState()
  const { pausedAt, setPaused } = useExchanges.getState()
  const showApp = (name: string) => {
    selectApp(name)
    go('apps')
  }
  return [
    ...SCREENS.map((screen) => ({ label: text.go(strings.screens[screen]), run: () => go(screen) })),
    {
      label: strings.palette.checkMachine,
      run: () => {
        go('doctor')
        void runDoctor()
      },
    },
    ...(faultedApps(apps).length === 0 ? [] : [{ label: strings.faults.turnOffAll, run: () => void endFaults(apps) }]),
    { label: strings.actions.addApp, run: () => show({ kind: 'app-form', start: null, replaces: null }) },
    ...apps.flatMap(({ name, urls: [url], app, enabled }) => [
      { label: text.showApp(name), run: () => showApp(name) },
      ...(url === undefined
        ? []
        : [
            { label: text.openApp(name), run: () => void window.open(`${url}/`, '_blank', 'noreferrer') },
            { label: text.copyUrl(name), run: () => void copyText(url) },
          ]),
      ...processes.filter((one) => one.app === name && enabled).flatMap(processCommands),
      ...(enabled ? shareCommands(name, liveShareOf(shares, name)) : []),
      { label: text.policies(name), run: () => showPolicies(name) },
      { label: text.editApp(name), run: () => show({ kind: 'app-form', start: app, replaces: name }) },
    ]),
    ...liveTunnels(tunnels).flatMap(tunnelCommands),
    {
      label: `${strings.screens.requests}: ${pausedAt === null ? strings.actions.pause : strings.actions.resume}`,
      run: () => setPaused(pausedAt === null),
    },
    ...THEMES.map((theme) => ({
      label: text.theme(strings.settings.themes[theme]),
      run: () => setTheme(theme),
    })),
    { label: text.shortcuts, run: () => show({ kind: 'shortcuts' }) },
  ]
}

function shareCommands(app: string, share: ShareStatus | null): PaletteCommand[] {
  const words = strings.share
  if (share === null) return [{ label: words.shareAppAsk(app), run: () => void shareApp(app) }]
  return [
    { label: words.showShare(app), run: () => showShare(share.id) },
    { label: words.stopSharing(app), run: () => void stopShare(share) },
  ]
}

function tunnelCommands(tunnel: TunnelStatus): PaletteCommand[] {
  const host = relayHost(tunnel.relay)
  return [
    { label: strings.services.show(host), run: () => showServices(tunnel.relay) },
    { label: strings.services.disconnectFrom(host), run: () => void disconnectServices(tunnel) },
  ]
}

function processCommands(status: ProcessStatus): PaletteCommand[] {
  const ways = waysOf(status)
  const actions = (['start', 'stop', 'restart'] as const).filter((action) => ways[action])
  return [
    ...actions.map((action: ProcessAction) => ({
      label: text.process[action](status.app),
      run: () => void actOnProcess(status.app, action),
    })),
    { label: text.showOutput(status.app), run: () => showOutput(status.app) },
  ]
}

/** The commands whose label holds every typed word; those that begin with the text come first. */
export function findCommands(commands: readonly PaletteCommand[], typed: string): PaletteCommand[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const found = commands.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)))
  const begins = ({ label }: PaletteCommand) => (label.toLowerCase().startsWith(typed.toLowerCase().trim()) ? 0 : 1)
  return found.sort((a, b) => begins(a) - begins(b))
}
