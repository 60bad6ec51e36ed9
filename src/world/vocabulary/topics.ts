import { baking } from './baking';
import { books } from './books';
import { cats } from './cats';
import { code } from './code';
import { coffee } from './coffee';
import { cooking } from './cooking';
import { cycling } from './cycling';
import { dogs } from './dogs';
import { films } from './films';
import { games } from './games';
import { gardening } from './gardening';
import { local } from './local';
import { music } from './music';
import { parenting } from './parenting';
import { photography } from './photography';
import { repairs } from './repairs';
import { running } from './running';
import { smallTalk } from './small-talk';
import { swimming } from './swimming';
import type { Topic } from './topic';
import { trains } from './trains';
import { travel } from './travel';
import { weather } from './weather';
import { work } from './work';

/** Everything people write about, in a fixed order: a person's interests are positions in this list. */
export const TOPICS: readonly Topic[] = [
  running,
  cooking,
  photography,
  gardening,
  trains,
  music,
  code,
  cats,
  weather,
  books,
  travel,
  cycling,
  coffee,
  parenting,
  local,
  films,
  baking,
  repairs,
  dogs,
  swimming,
  games,
  work,
  smallTalk,
];
