import { ipamContract } from './contract.ts';

ipamContract('addresses on sqlite', async () => 'sqlite://');
