global using CryptoAI.Api.Edge;
global using CryptoAI.Grains.Interfaces.Market;
global using CryptoAI.Grains.Interfaces.Timing;
global using Orleans;
