import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Flavor } from '#api/compute/flavors.ts';
import { createServers, type FlavorFit, type NewServerBody } from '#api/compute/launch.ts';
import { useSignedIn } from '#api/session.ts';
import { useFields, type Fields } from '#ui/use-fields.ts';
import { blocksOf, type Block } from './blocks.ts';
import { choose, chooseFlavor, type Choices } from './choices.ts';
import { dropDraft, isUntouched, keepDraft, readDraft, withLink } from './draft.ts';
import { standings, type Standing } from './fit.ts';
import { emptyForm, type LaunchForm } from './form.ts';
import { remember } from './remembered.ts';
import { launchBody } from './request.ts';
import { useFits, useUsages, type Fits } from './use-fits.ts';
import { useOffer, type FullOffer } from './use-offer.ts';
import { watchLaunch } from './watch.ts';

/** All that the sections of the page show and change. */
export interface Launch {
  readonly fields: Fields<LaunchForm>;
  readonly form: LaunchForm;
  readonly offer: FullOffer;
  readonly choices: Choices;
  readonly flavor: Flavor | null;
  readonly fits: Fits;
  readonly fit: FlavorFit | undefined;
  readonly standings: readonly Standing[];
  readonly blocks: readonly Block[];
  readonly body: NewServerBody;
  readonly busy: boolean;
  readonly error: unknown;
  /** Does nothing while something blocks it. */
  readonly launch: () => void;
  readonly restored: boolean;
  readonly startAnew: () => void;
  /** User data would be lost by leaving. */
  readonly holdsUserData: () => boolean;
}

export function useLaunch(): Launch {
  const project = useSignedIn().project.id;
  const [restored, setRestored] = useState(() => !isUntouched(readDraft(sessionStorage, project) ?? emptyForm));
  const fields = useFields<LaunchForm>(() =>
    withLink(readDraft(sessionStorage, project) ?? emptyForm, new URLSearchParams(location.search)),
  );
  const form = fields.values;
  const sent = useRef(false);
  useEffect(() => {
    if (!sent.current) keepDraft(sessionStorage, project, form);
  }, [form, project]);

  const offer = useOffer(form.imageId);
  const { images, volumes, snapshots, flavors, networks, securityGroups, keypairs, last } = offer;
  const choices = useMemo(
    () => choose(form, { images, volumes, snapshots, flavors, networks, securityGroups, keypairs, last }, project),
    [form, images, volumes, snapshots, flavors, networks, securityGroups, keypairs, last, project],
  );
  const usages = useUsages();
  const fits = useFits(form, choices, flavors, usages);
  const flavor = chooseFlavor(form, flavors, fits.byFlavor);
  const fit = flavor ? fits.byFlavor.get(flavor.id) : undefined;
  const standing = standings(form, choices, flavor, usages);
  const blocks = blocksOf({ form, choices, flavor, fit: fits.asking ? undefined : fit, standings: standing });
  const body = useMemo(() => launchBody(form, choices, flavor), [form, choices, flavor]);

  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const go = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const ids = await createServers(body);
      sent.current = true;
      dropDraft(sessionStorage, project);
      remember(project, { ...(choices.image && { imageId: choices.image.id }), keyName: choices.keyName });
      void queries.invalidateQueries({ queryKey: ['server', 'list'] });
      void queries.invalidateQueries({ queryKey: ['usage'] });
      void watchLaunch(queries, form.name.trim(), ids);
      await navigate({ to: ids.length === 1 ? `/instances/${ids[0]}` : '/instances' });
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };
  return {
    ...{ fields, form, offer, choices, flavor, fits, fit, standings: standing, blocks, body, busy, error, restored },
    launch: () => {
      if (!busy && blocks.length === 0) void go();
    },
    startAnew: () => {
      setRestored(false);
      fields.setAll(emptyForm);
    },
    holdsUserData: () => !sent.current && form.userData !== '',
  };
}
