import { ExternalLink } from 'lucide-react'
import type { AppStatus } from '../../../shared/contract.js'
import type { AppStats, BackendStatus } from '../../../shared/window-schemas.js'
import { CopyButton } from '../../components/copy-button.js'
import { CutMiddle } from '../../components/cut-middle.js'
import { Sparkline } from '../../components/sparkline.js'
import { formatMs } from '../../format.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { AppHealth } from './app-health.js'

const columns = strings.apps.columns

/** The apps; the row's name opens the details. */
export function AppTable({ apps, backends, stats, sort, onSort }: AppTableProps) {
  const { selectedApp, selectApp } = useUi()
  return (
    <table className="table">
      <colgroup>
        <col style={{ width: '20%' }} />
        <col style={{ width: 124 }} />
        <col style={{ width: '34%' }} />
        <col />
        <col className="wide-only" style={{ width: 100 }} />
        <col className="wide-only" style={{ width: 76 }} />
      </colgroup>
      <thead>
        <tr>
          <SortHeader by="name" sort={sort} onSort={onSort}>
            {columns.name}
          </SortHeader>
          <th scope="col">{columns.state}</th>
          <th scope="col">{columns.url}</th>
          <SortHeader by="target" sort={sort} onSort={onSort}>
            {columns.target}
          </SortHeader>
          <th scope="col" className="wide-only">
            {columns.rate}
          </th>
          <th scope="col" className="number wide-only">
            {columns.p95}
          </th>
        </tr>
      </thead>
      <tbody>
        {apps.map((app) => (
          <tr key={app.name} data-selected={app.name === selectedApp} data-off={!app.enabled}>
            <td>
              <button
                type="button"
                className="row-button"
                aria-label={strings.apps.details(app.name)}
                aria-pressed={app.name === selectedApp}
                onClick={() => selectApp(app.name === selectedApp ? null : app.name)}
              >
                {app.name}
              </button>
            </td>
            <td>
              <AppHealth app={app} backends={backends} />
            </td>
            <td>{app.urls[0] !== undefined && <AppUrl url={app.urls[0]} more={app.urls.length - 1} />}</td>
            <td className="soft">
              <CutMiddle text={app.target} />
            </td>
            <td className="wide-only">
              <Sparkline values={statsOf(stats, app)?.rates ?? []} width={84} height={18} />
            </td>
            <td className="number soft wide-only">{p95Text(statsOf(stats, app))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** An address to open and to copy. @param more how many further ones there are */
export function AppUrl({ url, more = 0 }: { url: string; more?: number }) {
  return (
    <span className="url">
      <a className="above" href={`${url}/`} target="_blank" rel="noreferrer" title={strings.actions.open(url)}>
        {url.replace('https://', '')}
        <ExternalLink className="icon hidden-text" />
      </a>
      <CopyButton text={url} what={url} />
      {more > 0 && <span className="chip">+{more}</span>}
    </span>
  )
}

function SortHeader({ by, sort, onSort, children }: SortHeaderProps) {
  return (
    <th scope="col" aria-sort={sort === by ? 'ascending' : 'none'}>
      <button type="button" onClick={() => onSort(sort === by ? 'file' : by)}>
        {children} {sort === by ? '↓' : ''}
      </button>
    </th>
  )
}

function statsOf(stats: readonly AppStats[], { name }: AppStatus): AppStats | undefined {
  return stats.find(({ app }) => app === name)
}

function p95Text(stats: AppStats | undefined): string {
  return stats === undefined || stats.p95Ms === null ? '' : formatMs(stats.p95Ms)
}

/** "file" is the order of the config file. */
export type AppSort = 'file' | 'name' | 'target'

interface SortHeaderProps {
  by: AppSort
  sort: AppSort
  onSort(sort: AppSort): void
  children: React.ReactNode
}

interface AppTableProps {
  apps: readonly AppStatus[]
  backends: readonly BackendStatus[]
  stats: readonly AppStats[]
  sort: AppSort
  onSort(sort: AppSort): void
}
