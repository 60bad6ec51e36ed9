/** What the screens of an app ask in one round trip. The limits must leave them room to grow. */
const PERSON = 'id name handle';
const POST = 'id text audience version createdAt updatedAt likeCount commentCount viewerHasLiked';

export const SCREENS: Readonly<Record<string, string>> = {
  'the home feed of 20 posts with authors, counts and 3 comments each': `query Home {
    viewer { id user { ${PERSON} } feed(first: 20) {
      edges { cursor reason node { ${POST} author { ${PERSON} bio private }
        comments(first: 3) { edges { cursor node { id text createdAt author { ${PERSON} } } } pageInfo { hasNextPage endCursor } } } }
      pageInfo { hasNextPage endCursor } } } }`,
  'a profile with 20 posts and counts': `query Profile($handle: String! = "ada") {
    userByHandle(handle: $handle) { ${PERSON} bio private createdAt counts { posts followers following }
      relationship { following followedBy requested blocking muting }
      posts(first: 20) { edges { cursor node { ${POST} author { ${PERSON} } } } pageInfo { hasNextPage endCursor } } } }`,
  'a thread of 50 comments with authors': `query Thread($id: ID! = "post_01h455vb4pex5vsknk084sn02q") {
    post(id: $id) { ${POST} author { ${PERSON} }
      comments(first: 50) { edges { cursor node { id text version createdAt updatedAt author { ${PERSON} } } }
        pageInfo { hasNextPage endCursor } } } }`,
  'a list of 50 followers with buttons to follow them': `query Followers($id: ID! = "user_01h455vb4pex5vsknk084sn02q") {
    user(id: $id) { followers(first: 50) { edges { cursor node { ${PERSON} bio relationship { following requested } } }
      pageInfo { hasNextPage endCursor } } } }`,
};
