import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { Dice } from './random';
import { literalOf, type Place, type Pool, Values } from './values';

type Parent = GraphQLObjectType | GraphQLInterfaceType;
type Field = GraphQLField<unknown, unknown>;

/** A document that is valid by its making, and what goes with it. */
export interface Invented {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly operationName?: string;
}

/** A piece of text with the fragments and variables that it needs. */
interface Needs {
  readonly fragments: Set<string>;
  readonly variables: Map<string, string>;
}

interface Fragment extends Needs {
  readonly name: string;
  readonly type: Parent;
  readonly text: string;
}

/** Where selections are being written. */
interface Scope {
  readonly needs: Needs;
  /** Names of fields with arguments or selections that the answer has here already. */
  readonly taken: Set<string>;
  readonly depth: number;
  /** Inside a fragment every such field gets a name of its own: it may be spread beside anything. */
  readonly inFragment: boolean;
}

/** Whoever does this can do nothing else in the rest of a run. */
const ENDS_THE_RUN = ['signOut', 'signOutEverywhere', 'revokeSession', 'deleteAccount'];
const MUTATIONS = 0.12;
const ORDERS = ['OLDEST', 'NEWEST'];

/**
 * Invents documents from a schema. They are valid by construction: a field with arguments or selections is named anew
 * where its name is taken, fragments spread only those before them, and what is not used is not written.
 */
export class Grammar {
  private readonly dice: Dice;
  private readonly values: Values;
  private fragments: Fragment[] = [];
  private sent: Record<string, unknown> = {};
  private counter = 0;
  /** Fields that the document at hand may still select. */
  private left = 0;
  private breadth = 3;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly pool: Pool,
    seed: number,
  ) {
    this.dice = new Dice(seed);
    this.values = new Values(this.dice, pool);
  }

  document(): Invented {
    const { dice } = this;
    this.fragments = [];
    this.sent = {};
    this.counter = 0;
    // Few documents are as large as the limits, and some are larger.
    this.left = dice.chance(0.04) ? dice.between(60, 600) : dice.between(2, 20);
    this.breadth = dice.between(2, 4);
    const depth = dice.chance(0.05) ? dice.between(12, 17) : dice.between(2, 9);
    if (dice.chance(0.3)) for (let n = dice.between(1, 4); n > 0; n -= 1) this.inventFragment(n);
    const needs = noNeeds();
    const mutation = dice.chance(MUTATIONS);
    const root = mutation ? this.schema.getMutationType() : this.schema.getQueryType();
    if (!root) throw new Error('the schema has no root');
    const scope: Scope = { needs, taken: new Set(), depth, inFragment: false };
    const continued = !mutation && dice.chance(0.15) && this.pool.places.length > 0;
    const selections = continued ? this.continueList(scope) : this.selections(root, scope);
    const definitions = [...needs.variables].map(([name, type]) => `$${name}: ${type}`);
    const header = definitions.length > 0 ? `(${definitions.join(', ')})` : '';
    const texts = this.fragments.filter(({ name }) => needs.fragments.has(name)).map(({ text }) => text);
    texts.push(`${mutation ? 'mutation' : 'query'} Invented${header} ${selections}`);
    const other = dice.chance(0.05);
    if (other) texts.push('query Other { viewer { id } }');
    const variables = Object.fromEntries(Object.entries(this.sent).filter(([name]) => needs.variables.has(name)));
    return { query: texts.join('\n'), variables, ...(other && { operationName: 'Invented' }) };
  }

  /** A page of a list behind a cursor that an earlier answer gave for it. */
  private continueList(scope: Scope): string {
    const { owner, id, list, after, order }: Place = this.dice.of(this.pool.places);
    const type = this.schema.getType(owner === 'user' ? 'User' : 'Post') as GraphQLObjectType;
    const connection = getNamedType((type.getFields()[list] as Field).type) as GraphQLObjectType;
    const sorted = order && ORDERS.includes(order) ? `, order: ${order}` : '';
    const page = `first: ${this.values.pageSize()}, after: ${JSON.stringify(after)}${sorted}`;
    const inside = this.selections(connection, { ...scope, taken: new Set(), depth: scope.depth - 2 });
    return `{ ${owner}(id: "${id}") { ${list}(${page}) ${inside} } }`;
  }

  private inventFragment(n: number): void {
    const types = Object.values(this.schema.getTypeMap()).filter(
      (type): type is Parent => (isObjectType(type) || isInterfaceType(type)) && !type.name.startsWith('__'),
    );
    const roots = [this.schema.getMutationType(), this.schema.getSubscriptionType()];
    const type = this.dice.of(types.filter((each) => !roots.includes(each as GraphQLObjectType)));
    const needs = noNeeds();
    const inside = this.selections(type, { needs, taken: new Set(), depth: this.dice.between(1, 4), inFragment: true });
    const name = `Piece${n}`;
    this.fragments.push({ name, type, text: `fragment ${name} on ${type.name} ${inside}`, ...needs });
  }

  private selections(type: Parent, scope: Scope): string {
    const { dice } = this;
    const fields = this.fieldsOf(type, scope.depth);
    const written: string[] = [];
    for (let n = dice.between(1, this.breadth + 1); n > 0; n -= 1) {
      if (dice.chance(0.12)) written.push(this.spread(type, scope));
      else if (fields.length > 0 && this.left > 0) written.push(this.field(dice.of(fields), type, scope));
    }
    const texts = written.filter(Boolean);
    if (texts.length === 0 || dice.chance(0.1)) texts.push('__typename');
    return `{ ${texts.join(' ')} }`;
  }

  private fieldsOf(type: Parent, depth: number): Field[] {
    const fields = Object.values(type.getFields()).filter(({ name }) => !ENDS_THE_RUN.includes(name));
    const deeper = fields.filter((field) => isCompositeType(getNamedType(field.type)));
    const leaves = fields.filter((field) => !deeper.includes(field));
    if (depth <= 1) return leaves;
    // Lists are where cost is, and a walk without a bent for them would end in leaves at once.
    return this.dice.chance(0.6) && deeper.length > 0 ? deeper : fields;
  }

  private field(field: Field, type: Parent, scope: Scope): string {
    this.left -= 1;
    const named = getNamedType(field.type);
    const composite = isObjectType(named) || isInterfaceType(named);
    const args = this.argumentsOf(field, scope);
    const plain = !composite && !isUnionType(named) && field.args.length === 0;
    const taken = scope.taken.has(field.name) || scope.inFragment;
    const alias = (!plain && taken) || this.dice.chance(0.04) ? `a${++this.counter}: ` : '';
    if (!plain && !alias) scope.taken.add(field.name);
    const inside = composite
      ? ` ${this.selections(named, { ...scope, taken: new Set(), depth: scope.depth - 1 })}`
      : isUnionType(named)
        ? ' { __typename }'
        : '';
    const directive = type === this.schema.getMutationType() ? '' : this.directive(scope);
    return `${alias}${field.name}${args}${directive}${inside}`;
  }

  private spread(type: Parent, scope: Scope): string {
    const { dice, schema } = this;
    const kinds = isInterfaceType(type) ? schema.getPossibleTypes(type) : [type, ...type.getInterfaces()];
    const fitting = this.fragments.filter((each) => each.type === type || kinds.includes(each.type as never));
    if (fitting.length > 0 && dice.chance(0.6)) {
      const fragment = dice.of(fitting);
      for (const name of [fragment.name, ...fragment.fragments]) scope.needs.fragments.add(name);
      for (const [name, of] of fragment.variables) scope.needs.variables.set(name, of);
      return `...${fragment.name}${this.directive(scope)}`;
    }
    if (scope.depth < 1) return '';
    const kind = dice.of(kinds) as Parent;
    const condition = kind === type && dice.chance(0.3) ? '' : ` on ${kind.name}`;
    // On another kind the same field may be one of another shape: there it needs a name of its own.
    const inside = this.selections(kind, { ...scope, inFragment: scope.inFragment || kind !== type });
    return `...${condition}${this.directive(scope)} ${inside}`;
  }

  private directive({ needs }: Scope): string {
    if (!this.dice.chance(0.04)) return '';
    const name = this.dice.of(['include', 'skip']);
    const value = this.dice.chance(0.5);
    if (this.dice.chance(0.5)) return ` @${name}(if: ${value})`;
    return ` @${name}(if: ${this.variable(needs, 'Boolean!', value, this.dice.chance(0.3) ? !value : undefined)})`;
  }

  private argumentsOf(field: Field, { needs }: Scope): string {
    const written = field.args.flatMap((argument) => {
      // A cursor of some other list is an error, and most documents should answer something.
      if (argument.name === 'after' && !this.dice.chance(0.05)) return [];
      const value = this.values.of(argument.type, argument.name, field.name);
      if (value === undefined) return [];
      const inline = !this.dice.chance(0.35);
      return `${argument.name}: ${inline ? literalOf(value) : this.argumentVariable(needs, argument, value)}`;
    });
    return written.length > 0 ? `(${written.join(', ')})` : '';
  }

  private argumentVariable(needs: Needs, argument: GraphQLArgument, value: unknown): string {
    const type: GraphQLInputType = argument.type;
    const nullable = String(type).replace(/!$/, '');
    if (value === null || isNonNullType(type)) return this.variable(needs, String(type), value);
    return this.variable(needs, nullable, value, this.dice.chance(0.4) ? value : undefined);
  }

  /** Declares a variable. One with a default is sent half the time, and now and then as null. */
  private variable(needs: Needs, type: string, value: unknown, fallback?: unknown): string {
    const name = `v${++this.counter}`;
    needs.variables.set(name, fallback === undefined ? type : `${type} = ${literalOf(fallback)}`);
    if (fallback === undefined || this.dice.chance(0.5)) {
      const asNull = !type.endsWith('!') && fallback !== undefined && this.dice.chance(0.2);
      this.sent[name] = asNull ? null : JSON.parse(JSON.stringify(value));
    }
    return `$${name}`;
  }
}

function noNeeds(): Needs {
  return { fragments: new Set(), variables: new Map() };
}
