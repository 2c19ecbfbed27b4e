import { Search } from 'lucide-react'

/** The filter of a screen; "/" puts the focus here. */
export function SearchField({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange(text: string): void
}) {
  return (
    <label className="search">
      <span className="hidden-text">{label}</span>
      <Search className="icon" />
      <input
        className="input"
        type="text"
        placeholder={label}
        value={value}
        data-filter
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
      <kbd>/</kbd>
    </label>
  )
}
