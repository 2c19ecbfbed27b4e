import { CutMiddle } from '../../components/cut-middle.js'
import { Sparkline } from '../../components/sparkline.js'
import type { Column } from '../../components/table/arrange-rows.js'
import { formatMs } from '../../format.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { HealthMark } from './app-health.js'
import { type AppRow, HEALTHS } from './app-rows.js'
import { AppUrl } from './app-url.js'

const titles = strings.apps.columns

/** What the list of apps shows of each. */
export const APP_COLUMNS: readonly Column<AppRow>[] = [
  {
    key: 'name',
    title: titles.name,
    width: '20%',
    fixed: true,
    value: ({ app }) => app.name,
    cell: ({ app }) => <NameButton name={app.name} />,
  },
  {
    key: 'state',
    title: titles.state,
    width: '124px',
    value: ({ health }) => HEALTHS.indexOf(health),
    cell: ({ health, reason }) => <HealthMark health={health} reason={reason} />,
  },
  {
    key: 'url',
    title: titles.url,
    width: '34%',
    value: ({ app }) => app.urls[0] ?? null,
    cell: ({ app: { urls } }) => urls[0] !== undefined && <AppUrl url={urls[0]} more={urls.length - 1} />,
  },
  {
    key: 'target',
    title: titles.target,
    value: ({ app }) => app.target,
    cell: ({ app }) => (
      <span className="soft">
        <CutMiddle text={app.target} />
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
export function appText({ app: { name, hosts, target }, health }: AppRow): string {
  return [name, ...hosts, target, strings.health[health]].join(' ')
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
