import type { ExchangeEntry } from '../../../shared/contract.js'
import type { Column } from '../../components/table/arrange-rows.js'
import { formatBytes, formatClock, formatMs } from '../../format.js'
import { strings } from '../../strings.js'
import { StatusCode } from './status-code.js'

const titles = strings.requests.columns

/** The column that holds the button of the row. */
export const PATH_COLUMN = 'path'
export const TIME_COLUMN = 'time'

/** What the log shows of each exchange. */
export const LOG_COLUMNS: readonly Column<ExchangeEntry>[] = [
  {
    key: TIME_COLUMN,
    title: titles.time,
    width: '72px',
    value: ({ time }) => time,
    tone: 'faint',
    cell: ({ time }) => formatClock(time),
  },
  {
    key: 'status',
    title: titles.status,
    width: '62px',
    value: ({ status }) => status,
    cell: (entry) => <StatusCode entry={entry} />,
  },
  {
    key: 'method',
    title: titles.method,
    width: '66px',
    value: ({ method }) => method,
    cell: ({ method }) => method,
  },
  {
    key: PATH_COLUMN,
    title: titles.path,
    fixed: true,
    value: ({ host, path }) => host + path,
    // The row's button has it.
    cell: () => null,
  },
  {
    key: 'duration',
    title: titles.duration,
    width: '80px',
    number: true,
    value: ({ totalMs }) => totalMs,
    cell: ({ totalMs }) => formatMs(totalMs),
  },
  {
    key: 'app',
    title: titles.app,
    width: '110px',
    wideOnly: true,
    value: ({ app }) => app,
    tone: 'soft',
    cell: ({ app }) => app ?? strings.requests.noApp,
  },
  {
    key: 'size',
    title: titles.size,
    width: '72px',
    number: true,
    wideOnly: true,
    value: ({ bytesOut }) => bytesOut,
    tone: 'soft',
    cell: ({ bytesOut }) => formatBytes(bytesOut),
  },
]
