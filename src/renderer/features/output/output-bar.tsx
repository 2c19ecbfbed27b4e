import { ArrowDown, ArrowUp, Search as Glass } from 'lucide-react'
import { CopyButton } from '../../components/copy-button.js'
import { formatCount } from '../../format.js'
import { strings } from '../../strings.js'
import type { OutputRow, StreamFilter } from './output-buffer.js'
import type { Search } from './use-search.js'

const text = strings.output
const FILTERS: StreamFilter[] = ['all', 'stdout', 'stderr']

/** Search, choice of the stream, and copy. */
export function OutputBar({ rows, search, filter, onFilter }: OutputBarProps) {
  return (
    <div className="output-bar">
      <OutputSearch search={search} />
      <fieldset className="segments" aria-label={text.streams}>
        {FILTERS.map((one) => (
          <button key={one} type="button" aria-pressed={filter === one} onClick={() => onFilter(one)}>
            {text.stream[one]}
          </button>
        ))}
      </fieldset>
      <CopyButton text={() => rows.map(({ plain }) => plain).join('\n')} what={text.what} />
    </div>
  )
}

function OutputSearch({ search }: { search: Search }) {
  const { query, count, place, step } = search
  return (
    <>
      <label className="search">
        <span className="hidden-text">{text.search}</span>
        <Glass className="icon" />
        <input
          className="input"
          type="text"
          placeholder={text.search}
          value={query}
          spellCheck={false}
          onChange={(event) => search.setQuery(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') step(event.shiftKey ? -1 : 1)
            if (event.key === 'Escape') search.setQuery('')
          }}
        />
      </label>
      {query !== '' && (
        <>
          <output className="soft output-count">
            {count === 0 ? text.noMatches : text.matches(formatCount(place), formatCount(count))}
          </output>
          <StepButton label={text.previous} icon={ArrowUp} disabled={count === 0} onClick={() => step(-1)} />
          <StepButton label={text.next} icon={ArrowDown} disabled={count === 0} onClick={() => step(1)} />
        </>
      )}
    </>
  )
}

function StepButton({ label, icon: Icon, disabled, onClick }: StepButtonProps) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon className="icon" />
    </button>
  )
}

interface StepButtonProps {
  label: string
  icon: typeof ArrowUp
  disabled: boolean
  onClick(): void
}

interface OutputBarProps {
  rows: readonly OutputRow[]
  search: Search
  filter: StreamFilter
  onFilter(filter: StreamFilter): void
}
