import { CutMiddle } from '../../components/cut-middle.js'
import { Sparkline } from '../../components/sparkline.js'
import type { Column } from '../../components/table/arrange-rows.js'
import { formatMs } from '../../format.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { FaultsChip } from '../faults/fault-marks.js'
import { ShareIconButton } from '../share/share-button.js'
import { ShareChip } from '../share/share-marks.js'
import { type AppRow, sickOf, urgencyOf } from './app-rows.js'
import { AppState } from './app-state.js'
import { AppUrl } from './app-url.js'
import { processLook } from './process-look.js'

const titles = strings.apps.columns

/** What the list of apps shows of each. */
export const APP_COLUMNS: readonly Column<AppRow>[] = [
  {
    key: 'name',
    title: titles.name,
    width: '20%',
    fixed: true,
    value: ({ app }) => app.name,
    cell: ({ app, share }) => (
      <span className="named">
        <NameButton name={app.name} />
        {share !== null && <ShareChip share={share} />}
        <FaultsChip app={app} />
      </span>
    ),
  },
  {
    key: 'state',
    title: titles.state,
    width: '148px',
    value: urgencyOf,
    cell: (row) => <AppState row={row} />,
  },
  {
    key: 'url',
    title: titles.url,
    width: '34%',
    value: ({ app }) => app.urls[0] ?? null,
    cell: ({ app: { urls, name, enabled }, share }) => (
      <span className="url">
        {urls[0] !== undefined && <AppUrl url={urls[0]} more={urls.length - 1} />}
        {enabled && share === null && <ShareIconButton app={name} />}
      </span>
    ),
  },
  {
    key: 'target',
    title: titles.target,
    wideOnly: true,
    value: targetText,
    cell: (row) => (
      <span className="soft">
        <CutMiddle text={targetText(row)} />
      </span>
    ),
  },
  {
    key: 'rate',
    title: titles.rate,
    width: '108px',
    wideOnly: true,
    value: ({ stats }) => stats?.rates.reduce((sum, rate) => sum + rate, 0) ?? 0,
    cell: ({ stats }) => <Sparkline values={stats?.rates ?? []} width={84} height={18} />,
  },
  {
    key: 'p95',
    title: titles.p95,
    width: '84px',
    number: true,
    wideOnly: true,
    value: ({ stats }) => stats?.p95Ms ?? null,
    cell: ({ stats }) => (stats?.p95Ms == null ? '' : <span className="soft">{formatMs(stats.p95Ms)}</span>),
  },
]

/** What the filter of the apps looks through. */
export function appText(row: AppRow): string {
  return [row.app.name, ...row.app.hosts, targetText(row), stateText(row)].join(' ')
}

/** Where an app leads to; of one that is its process, what runs and where. */
function targetText({ app, process }: AppRow): string {
  if (process === null || app.app.routes !== undefined) return app.target
  return process.port === null ? process.command : strings.apps.runsAt(process.command, process.port)
}

function stateText(row: AppRow): string {
  const { app, health, process } = row
  if (process === null || !app.enabled) return strings.health[health]
  return processLook(process, sickOf(row) !== null, Date.now()).word
}

/** The row's name opens the details. */
function NameButton({ name }: { name: string }) {
  const selected = useUi(({ selectedApp }) => selectedApp === name)
  const selectApp = useUi((state) => state.selectApp)
  return (
    <button
      type="button"
      className="row-button"
      aria-label={strings.apps.details(name)}
      aria-pressed={selected}
      onClick={() => selectApp(selected ? null : name)}
    >
      {name}
    </button>
  )
}
