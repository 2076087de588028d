namespace Dqn.Environments.CarRacing;

/// <summary>The car's engine, brakes, steering and tyres over rigid bodies.</summary>
public sealed class Car;
