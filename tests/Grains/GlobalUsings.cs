global using CryptoAI.Tests.Shared;
