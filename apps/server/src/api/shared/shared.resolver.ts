import { Args, Context, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql';
import type { QueryNodeArgs } from '../schema.generated.js';
import { parseGlobalId } from './global-id.js';
import { loadNode, type NodeObject } from './nodes.js';
import { RequestContext } from './request-context.js';

@Resolver()
export class SharedResolver {
  @Query('node')
  node(@Args() { id }: QueryNodeArgs, @Context() context: RequestContext): Promise<NodeObject | null> | null {
    const ref = parseGlobalId(id);
    return ref === null ? null : loadNode(context, ref);
  }

  @Mutation('ping')
  ping(): boolean {
    return true;
  }

  @Subscription('hello')
  async *hello(): AsyncGenerator<{ hello: boolean }> {
    yield await Promise.resolve({ hello: true });
  }
}
