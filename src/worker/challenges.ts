import { ChallengeAnswers } from '../certificates/acme/challenges.ts';

/** What this process answers while an authority proves a domain; the same for all of its workers. */
export const challengeAnswers: ChallengeAnswers = new ChallengeAnswers();
