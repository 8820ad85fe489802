//! All tests that use the library from outside, in one binary.

#[cfg(test)]
mod disk;
#[cfg(test)]
mod output_safety;
#[cfg(test)]
mod tree;

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod site;

#[cfg(test)]
mod bad;
#[cfg(test)]
mod command;
#[cfg(test)]
mod conservation;
#[cfg(test)]
mod labels;
