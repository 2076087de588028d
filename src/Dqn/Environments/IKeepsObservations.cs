namespace Dqn.Environments;

/// <summary>
/// A wrapper whose observations are the wrapped environment's, so that who asks for a part of a picture may ask the
/// environment inside: <see cref="IGreyView"/>.
/// </summary>
internal interface IKeepsObservations;
