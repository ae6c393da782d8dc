import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { SandboxDesk, type SandboxRun } from '../../sandbox/sandbox-desk.js';
import { SANDBOX_SCRIPTS } from '../../sandbox/sandbox-scripts.js';
import type { SiteRow } from '../place/place-book.js';
import { siteOf } from '../place/place.queries.js';
import type { MutationRunSandboxScriptArgs, SandboxScript, SandboxScriptSheet } from '../schema.generated.js';
import { RequestContext } from '../shared/request-context.js';

@Resolver('SandboxRun')
export class SandboxResolver {
  constructor(private readonly desk: SandboxDesk) {}

  @Query('sandboxScripts')
  sandboxScripts(): readonly SandboxScriptSheet[] {
    return Object.entries(SANDBOX_SCRIPTS).map(([script, { plays, playsZh, expects }]) => ({
      script: script as SandboxScript,
      plays,
      playsZh,
      expects,
    }));
  }

  @Mutation('runSandboxScript')
  async runSandboxScript(
    @Args() args: MutationRunSandboxScriptArgs,
    @Context() context: RequestContext,
  ): Promise<{ run: SandboxRun }> {
    return { run: await this.desk.run(context, args) };
  }

  @ResolveField('site')
  site(@Parent() run: SandboxRun, @Context() context: RequestContext): Promise<SiteRow> {
    return siteOf(context, run);
  }

  @ResolveField('expects')
  expects(@Parent() { script }: SandboxRun): readonly string[] {
    return SANDBOX_SCRIPTS[script].expects;
  }
}
