export { seededRandom } from '../../libs/geo/src/seeded-random.fixture.js';
