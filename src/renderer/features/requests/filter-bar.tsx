import { X } from 'lucide-react'
import { SearchField } from '../../components/search-field.js'
import { formatInstant } from '../../format.js'
import { isFiltering, NO_FILTER } from '../../stores/exchange-filter.js'
import { useExchanges } from '../../stores/exchanges.js'
import { useStatus } from '../../stores/feeds.js'
import { strings } from '../../strings.js'

const text = strings.requests
const { hour } = strings.charts
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']
const CLASSES = ['2', '3', '4', '5', '0'] as const

/** Narrows the log by text, app, method, status class and duration. */
export function FilterBar() {
  const filter = useExchanges((state) => state.filter)
  const setFilter = useExchanges((state) => state.setFilter)
  const apps = useStatus().data?.apps ?? []
  return (
    <search className="filters">
      <SearchField label={text.filter} value={filter.text} onChange={(words) => setFilter({ text: words })} />
      <Choice label={text.anyApp} value={filter.app} onChange={(app) => setFilter({ app })}>
        {withChosen(
          apps.map(({ name }) => name),
          filter.app,
        ).map((name) => (
          <option key={name}>{name}</option>
        ))}
      </Choice>
      <Choice label={text.anyMethod} value={filter.method} onChange={(method) => setFilter({ method })}>
        {METHODS.map((method) => (
          <option key={method}>{method}</option>
        ))}
      </Choice>
      <Choice label={text.anyStatus} value={filter.statusClass} onChange={(statusClass) => setFilter({ statusClass })}>
        {CLASSES.map((status) => (
          <option key={status} value={status}>
            {text.statusClasses[status]}
          </option>
        ))}
      </Choice>
      <input
        className="input short"
        inputMode="numeric"
        aria-label={text.minDuration}
        title={text.minDuration}
        placeholder={text.minDurationShort}
        value={filter.minMs === 0 ? '' : String(filter.minMs)}
        onChange={({ target }) => setFilter({ minMs: Number(/^\d{1,7}/.exec(target.value)?.[0] ?? 0) })}
      />
      {filter.to > 0 && (
        <button
          type="button"
          className="button small"
          title={hour.anyTime}
          onClick={() => setFilter({ from: 0, to: 0 })}
        >
          {hour.step(formatInstant(filter.from / 1_000), formatInstant(filter.to / 1_000))}
          <X className="icon" />
        </button>
      )}
      {isFiltering(filter) && (
        <button type="button" className="button small" onClick={() => setFilter(NO_FILTER)}>
          {strings.actions.clearFilters}
        </button>
      )}
    </search>
  )
}

function Choice({ label, value, onChange, children }: ChoiceProps) {
  return (
    <select
      className="select button"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{label}</option>
      {children}
    </select>
  )
}

/** A remembered choice may be of an app that is gone. */
function withChosen(names: readonly string[], chosen: string): readonly string[] {
  return chosen === '' || names.includes(chosen) ? names : [...names, chosen]
}

interface ChoiceProps {
  /** its name, and the words of the first choice: everything */
  label: string
  value: string
  onChange(value: string): void
  children: React.ReactNode
}
