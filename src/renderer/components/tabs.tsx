interface TabsProps<T extends string> {
  tabs: readonly T[]
  names: Readonly<Record<NoInfer<T>, string>>
  selected: NoInfer<T>
  onSelect(tab: NoInfer<T>): void
  className?: string
}

/** The tabs of a details pane. */
export function Tabs<T extends string>({ tabs, names, selected, onSelect, className = '' }: TabsProps<T>) {
  return (
    <div className={`tabs ${className}`.trim()} role="tablist">
      {tabs.map((tab) => (
        <button
          key={tab}
          type="button"
          className="tab"
          role="tab"
          aria-selected={selected === tab}
          onClick={() => onSelect(tab)}
        >
          {names[tab]}
        </button>
      ))}
    </div>
  )
}
