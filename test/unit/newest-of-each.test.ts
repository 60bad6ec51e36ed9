import { newestOfEach } from '../../src/modules/sync/change.reader';

const entry = (seq: number, nodeId: string, deleted = false) => ({
  viewerId: 'viewer',
  seq,
  scope: 'FEED',
  kind: 'post',
  nodeId,
  deleted,
});

describe('changes of one node that are read together', () => {
  it('are one, at the place of the newest', () => {
    const folded = newestOfEach([entry(1, 'a'), entry(2, 'b'), entry(3, 'a')]);
    expect(folded.map(({ seq, nodeId }) => [seq, nodeId])).toEqual([
      [2, 'b'],
      [3, 'a'],
    ]);
  });

  it('end it when one of them does, whichever job came first', () => {
    expect(newestOfEach([entry(1, 'a', true), entry(2, 'a')])).toMatchObject([{ seq: 2, deleted: true }]);
    expect(newestOfEach([entry(1, 'a'), entry(2, 'b', true)])).toMatchObject([{ deleted: false }, { deleted: true }]);
  });
});
