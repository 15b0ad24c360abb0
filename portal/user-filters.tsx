// Search, kind, department and order of a list, kept in the address.
import type { TargetedEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { AccountKind } from '../shared/domain/user.ts';
import { isFiltered, type ListFilters, longestFilter, noFilters } from './list-query.ts';
import { kindWords } from './words.ts';

interface Props {
  readonly filters: ListFilters;
  readonly csv: string;
  readonly onChange: (filters: ListFilters) => void;
}

/** Quiet time after the last key before a list is read for what was typed. */
const typingMs = 300;

function TypedFilter(props: {
  readonly label: string;
  readonly value: string;
  readonly maxLength: number;
  readonly placeholder: string;
  readonly onChange: (value: string) => void;
}) {
  const [typed, setTyped] = useState(props.value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    setTyped(props.value);
    return () => clearTimeout(timer.current);
  }, [props.value]);
  const onInput = (event: TargetedEvent<HTMLInputElement>) => {
    const { value } = event.currentTarget;
    setTyped(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => props.onChange(value), typingMs);
  };
  return (
    <label class="filter">
      <span>{props.label}</span>
      <input type="search" value={typed} maxLength={props.maxLength} placeholder={props.placeholder} onInput={onInput} />
    </label>
  );
}

export function UserFilters({ filters, csv, onChange }: Props) {
  return (
    <search class="filters">
      <TypedFilter
        label="Search"
        placeholder="Name or mail"
        value={filters.search}
        maxLength={longestFilter.search}
        onChange={(search) => onChange({ ...filters, search })}
      />
      <label class="filter">
        <span>Kind</span>
        <select
          value={filters.kind ?? ''}
          onChange={(event) =>
            onChange({ ...filters, kind: event.currentTarget.value === '' ? null : (event.currentTarget.value as AccountKind) })
          }
        >
          <option value="">All kinds</option>
          {Object.entries(kindWords).map(([kind, text]) => (
            <option key={kind} value={kind}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <TypedFilter
        label="Department"
        placeholder="Whole name"
        value={filters.department}
        maxLength={longestFilter.department}
        onChange={(department) => onChange({ ...filters, department })}
      />
      <label class="filter">
        <span>Sort by</span>
        <select
          value={filters.sort}
          onChange={(event) => onChange({ ...filters, sort: event.currentTarget.value === 'arrival' ? 'arrival' : 'name' })}
        >
          <option value="name">Name</option>
          <option value="arrival">Newest first</option>
        </select>
      </label>
      <div class="actions">
        {isFiltered(filters) ? (
          <button type="button" class="plain" onClick={() => onChange({ ...noFilters, sort: filters.sort })}>
            Clear filters
          </button>
        ) : null}
        <a class="button" href={csv} download>
          CSV
        </a>
      </div>
    </search>
  );
}
