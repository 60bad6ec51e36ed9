import { Column, PrimaryColumn } from 'typeorm';

/** Columns by the kinds this project has; each maps a camelCase property to the snake_case column named. */

export function UuidColumn(name: string, options: { nullable?: boolean } = {}): PropertyDecorator {
  return Column({ type: 'uuid', name, ...options });
}

export function KeyColumn(type: 'uuid' | 'text' | 'integer', name: string, constraint: string): PropertyDecorator {
  return PrimaryColumn({ type, name, primaryKeyConstraintName: constraint });
}

export function TextColumn(name: string, options: { nullable?: boolean } = {}): PropertyDecorator {
  return Column({ type: 'text', name, ...options });
}

/** An integer that counts up from `start`. */
export function CountColumn(name: string, start?: number): PropertyDecorator {
  return Column({ type: 'integer', name, ...(start !== undefined && { default: start }) });
}

/** An instant with milliseconds; rows hold it as RFC 3339 text. */
export function TimeColumn(name: string, options: { nullable?: boolean } = {}): PropertyDecorator {
  return Column({ type: 'timestamptz', name, precision: 3, ...options });
}
